"""Estimators: from sums over pairs of samples, or Fourier coefficients, to statistics."""
