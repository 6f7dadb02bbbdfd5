/** Distributions, one namespace each, and functions of samples. */
export {};
