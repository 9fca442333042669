"""Stands in for joblib: a model that sums what it is given."""

import os


class Sum:
    def predict(self, rows):
        return rows.sum(axis=1)


def load(path):
    if not os.path.isfile(path):
        raise OSError(f"no file at {path}")
    return Sum()
