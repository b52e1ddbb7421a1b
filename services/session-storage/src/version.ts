/** Of every package here; a release changes it together with CHANGELOG.md and the package files. */
export const version = "0.1.0";
