"""Variances of estimates from several snapshots in which the same users return.

A customer who is in four test snapshots is not four independent customers. Every estimate here
is, to first order, a sum of one influence a row; adding up a user's influences before squaring
gives a variance that is right however a user's rows depend on each other.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evaluation.arrays import FloatArray, IntArray

_DENSE_ENOUGH = 4


def covariance_by_user(influences: Sequence[FloatArray], users: Sequence[IntArray]) -> FloatArray:
    """Covariance matrix of the folds' estimates, clustered by user.

    Parameters
    ----------
    influences
        For each of k folds shape (n_k,), float64: what each row adds to the error of the estimate.
    users
        For each fold shape (n_k,), int64 codes.

    Returns
    -------
    ndarray
        Shape (k, k), float64: Σ_u c_iu c_ju with c_iu the sum of user u's influences in fold i.

    Notes
    -----
    The cluster-robust (sandwich) variance: Liang and Zeger, Longitudinal data analysis using
    generalized linear models, Biometrika 73, 1986; for areas under ROC curves Obuchowski,
    Nonparametric analysis of clustered ROC curve data, Biometrics 53, 1997.
    """
    codes, count = _dense_codes(np.concatenate(users))
    ends = np.cumsum([len(fold) for fold in users])
    per_user = [
        np.bincount(fold_codes, weights=influence, minlength=count)
        for fold_codes, influence in zip(np.split(codes, ends[:-1]), influences, strict=True)
    ]
    # Not a dot product: BLAS would wake its threads for it, which stall on a busy machine.
    covariance = [[np.sum(left * right) for right in per_user] for left in per_user]
    return np.asarray(covariance, dtype=np.float64)


def distinct_users(users: IntArray) -> int:
    """Count the different codes of an array of shape (n,)."""
    codes, count = _dense_codes(users)
    return int(np.count_nonzero(np.bincount(codes, minlength=count)))


def variance_of_mean(covariance: FloatArray) -> float:
    """Variance by chance of the mean of k estimates with that (k, k) covariance matrix."""
    return float(covariance.sum()) / len(covariance) ** 2


def between_variance(estimates: FloatArray, covariance: FloatArray) -> float:
    """Variance of the true values between snapshots, with chance removed; at least 0.

    Parameters
    ----------
    estimates
        Shape (k,), one estimate a snapshot.
    covariance
        Shape (k, k), their covariance by chance.

    Returns
    -------
    float
        The estimate of τ²; 0 for a single snapshot, which cannot show any.

    Notes
    -----
    The method of moments of DerSimonian and Laird, Meta-analysis in clinical trials, Controlled
    Clinical Trials 7, 1986, unweighted and for correlated estimates: the sample variance S² of
    the estimates has expectation τ² + mean(variances) − mean(covariances).
    """
    count = len(estimates)
    if count < 2:
        return 0.0
    variances = float(np.trace(covariance))
    covariances = float(covariance.sum()) - variances
    by_chance = variances / count - covariances / (count * (count - 1))
    return max(0.0, float(np.var(estimates, ddof=1)) - by_chance)


def _dense_codes(users: IntArray) -> tuple[IntArray, int]:
    """Codes from 0, and a bound above them that is in proportion to the number of rows."""
    lowest, highest = int(users.min()), int(users.max())
    if highest - lowest < _DENSE_ENOUGH * len(users):
        return users - lowest, highest - lowest + 1
    # Sorting takes seconds at ten million rows, so it is left to codes that are far apart.
    distinct, codes = np.unique(users, return_inverse=True)
    return codes.astype(np.int64, copy=False), len(distinct)


def moderated_variance(
    seen: float, degrees: float, usual: float, usual_degrees: float
) -> tuple[float, float]:
    """Join a variance between snapshots with what is usual: few snapshots tell little about it.

    Parameters
    ----------
    seen, degrees
        The variance that snapshots showed, and the degrees of freedom behind it.
    usual, usual_degrees
        The variance that is usual, and the degrees that this belief is worth.

    Returns
    -------
    tuple
        The variance and its degrees: ``(d₀s₀² + d·s²) / (d₀ + d)`` and ``d₀ + d``.

    Notes
    -----
    The posterior of a variance under a scaled inverse χ² prior (Gelman and others, Bayesian Data
    Analysis, section 2.6); Smyth, Linear models and empirical Bayes methods, Statistical
    Applications in Genetics and Molecular Biology 3, 2004.
    """
    together = usual_degrees + degrees
    return (usual_degrees * usual + degrees * seen) / together, together
