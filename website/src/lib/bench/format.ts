/** Three digits, and all of those before the point. */
export const threeDigits = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3));
