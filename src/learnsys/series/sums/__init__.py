"""Sums over pairs of samples, by three ways that agree: directly, by Fourier coefficients, on a grid."""
