"""Fifty losses with gradients by hand: right ones agree, and one slip is found; nothing is told wrong."""

import unittest
from collections import Counter

import chainrule as cr
import numpy as np
from losses import losses, slips


class Losses(unittest.TestCase):
    def setUp(self):
        # Steps reach beyond the domain of a logarithm.
        self.enterContext(np.errstate(invalid="ignore"))

    def test_right_gradients_agree_and_slips_are_caught(self):
        right, caught, told_wrong = Counter(), Counter(), []
        for name, fun, grad, point in losses():
            check = cr.check_gradient(fun, grad, point)
            right[check.status] += 1
            if check.status == "disagrees":
                told_wrong.append(f"{name}: {check}")
            for slip, wrong in slips(grad, point):
                check = cr.check_gradient(fun, wrong, point)
                caught[check.status] += 1
                if check.status == "agrees":
                    told_wrong.append(f"{name}, {slip}: {check}")
        self.assertEqual(told_wrong, [])
        self.assertEqual(sum(right.values()), 50)
        self.assertGreaterEqual(right["agrees"], 0.95 * sum(right.values()), right)
        self.assertGreaterEqual(caught["disagrees"], 0.95 * sum(caught.values()), caught)

    def test_in_single_precision_and_with_noise_nothing_is_told_wrong(self):
        right, caught = Counter(), Counter()
        for k, (name, fun, grad, point) in enumerate(losses()):
            def single(x, fun=fun):
                return np.float32(fun(x.astype(np.float32).astype(float)))

            chance = np.random.default_rng(k)

            def noisy(x, fun=fun, chance=chance):
                return fun(x) * (1 + 1e-7 * chance.normal())

            for rough in (single, noisy):
                status = cr.check_gradient(rough, grad, point).status
                right[status] += 1
                for slip, wrong in slips(grad, point):
                    status = cr.check_gradient(rough, wrong, point).status
                    self.assertNotEqual(status, "agrees", f"{name}, {slip}")
                    caught[status] += 1
        self.assertEqual(right["disagrees"], 0, right)
        # What is no longer seen is said, not guessed.
        self.assertGreaterEqual(right["agrees"], 0.5 * sum(right.values()), right)
        self.assertGreaterEqual(caught["disagrees"], 0.7 * sum(caught.values()), caught)


if __name__ == "__main__":
    unittest.main()
