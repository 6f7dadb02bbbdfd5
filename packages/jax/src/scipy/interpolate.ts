/** Interpolation on grids. */
export {};
