"""Functions from text: values, gradients, inputs by name, many points, errors."""

import copy
import pickle
import threading
import unittest
from decimal import Decimal

import chainrule as cr
import numpy as np

LEAST_SQUARES = "sum(i, 1, n, (a*x[i] + b - y[i])^2)"


class Functions(unittest.TestCase):
    def test_flat_point_in_flat_array_out(self):
        f = cr.parse("x^2 + 7*y")
        self.assertEqual(f([3.0, 1.0]), 16.0)
        gradient = f.gradient(np.array([3.0, 1.0]))
        self.assertEqual((gradient.dtype, gradient.tolist()), (np.float64, [6.0, 7.0]))
        value, gradient = f.value_and_gradient((3, True))
        self.assertEqual((value, gradient.tolist()), (16.0, [6.0, 7.0]))
        self.assertEqual(f.inputs, ("x", "y"))

    def test_inputs_by_name_give_a_dict_of_their_shapes(self):
        f = cr.parse(LEAST_SQUARES)
        x, y = np.arange(4.0), np.array([1.0, 3.0, 5.0, 8.0])
        gradient = f.gradient(a=2.0, b=1, x=x, y=y)
        residual = 2.0 * x + 1.0 - y
        self.assertEqual(list(gradient), ["a", "x", "b", "y"])
        self.assertEqual(gradient["a"].shape, ())
        np.testing.assert_array_equal(gradient["a"], 2.0 * residual @ x)
        np.testing.assert_array_equal(gradient["x"], 4.0 * residual)
        self.assertEqual(f(a=2.0, b=1, x=x, y=y), 1.0)
        matrix = cr.parse("sum(i, 1, m, (sum(j, 1, n, W[i,j]*x[j]))^2)")
        gradient = matrix.gradient(W=np.ones((2, 3)), x=[1, 2, 3])
        self.assertEqual(gradient["W"].tolist(), [[12.0, 24.0, 36.0]] * 2)

    def test_sizes_are_bound_or_follow_from_the_point(self):
        f = cr.parse("sum(i, 1, n, x[i]^2)")
        self.assertEqual(f.sizes, {"n": None})
        for n in (1, 3, 40):
            self.assertEqual(f.gradient(np.ones(n)).tolist(), [2.0] * n)
        self.assertEqual(f.with_sizes(n=2).sizes, {"n": 2})
        with self.assertRaisesRegex(ValueError, "the point has 3 numbers; the function has 2 inputs"):
            f.with_sizes(n=2)(np.ones(3))
        with self.assertRaisesRegex(ValueError, r"with_sizes\(n="):
            cr.parse("iterate(k, 1, n, y, x, 2*y)")(np.ones(1))
        self.assertEqual(cr.parse("iterate(k, 1, n, y, x, 2*y)", n=10).gradient([1.0]).tolist(), [1024.0])

    def test_several_outputs_are_rows(self):
        f = cr.parse("[x*y, x + y]")
        self.assertEqual(f([2.0, 3.0]).tolist(), [6.0, 5.0])
        self.assertEqual(f.gradient([2.0, 3.0]).tolist(), [[3.0, 2.0], [1.0, 1.0]])
        self.assertEqual(f.gradient(x=2.0, y=3.0)["x"].tolist(), [3.0, 1.0])

    def test_data_are_bound_and_have_no_derivative(self):
        f = cr.parse("sum(i, 1, m, (x[k[i]] - y[i])^2)")
        with self.assertRaisesRegex(ValueError, "with_data"):
            f(np.ones(2))
        f = f.with_data(k=np.array([2, 1, 2]), y=[0.5, 0.0, 1.5])
        self.assertEqual(f.inputs, ("x",))
        self.assertEqual(f.gradient([3.0, 1.0]).tolist(), [6.0, 0.0])
        self.assertEqual(pickle.loads(pickle.dumps(f)).gradient([3.0, 1.0]).tolist(), [6.0, 0.0])

    def test_what_is_exact_converts_and_the_rest_is_refused_by_name(self):
        f = cr.parse("x + y")
        for exact in (1, True, np.float32(0.1), np.int64(2**53), np.uint8(7), np.array(2.5, dtype=">f8")):
            self.assertEqual(f(x=exact, y=0), float(exact))
        tenth = np.array([0.1, 0.0], dtype=np.float32)
        self.assertEqual(f(tenth), float(tenth[0]))
        self.assertEqual(f(np.arange(6.0)[::3]), 3.0)
        self.assertEqual(f(np.array([1, 2], dtype=object)), 3.0)
        masked = np.ma.masked_array([1.0, 2.0], mask=[False, True])
        wrong = [
            2**53 + 1, np.int64(2**53 + 1), Decimal("0.1"), "1", None, 1j, np.datetime64("2020-01-01"),
            np.array(["1"]), np.longdouble(1), masked,
        ]
        for given in wrong:
            with self.assertRaisesRegex(TypeError, "^y: ", msg=repr(given)):
                f(x=1.0, y=given)
        for given in ([2**60 + 1, 0.5], np.array([2**60 + 1, 0]), np.array([0, 2**64 - 1], dtype=np.uint64), masked):
            with self.assertRaisesRegex(TypeError, "^the point: ", msg=repr(given)):
                f(given)

    def test_missing_unknown_and_misshapen_inputs_are_named(self):
        f = cr.parse("sum(i, 1, n, x[i]*y[i])")
        with self.assertRaisesRegex(TypeError, "no value for the input y"):
            f(x=[1.0])
        with self.assertRaisesRegex(TypeError, "no input z; its inputs are x, y"):
            f(x=[1.0], y=[1.0], z=1.0)
        with self.assertRaisesRegex(ValueError, r"x has the shape \(\); it needs \(2,\)"):
            f(x=1.0, y=[1.0, 2.0])
        with self.assertRaisesRegex(ValueError, "length"):
            f(x=[1.0, 2.0, 3.0], y=[1.0, 2.0])
        with self.assertRaisesRegex(TypeError, "not both"):
            f([1.0], x=1.0)
        with self.assertRaisesRegex(ValueError, "not an array of 2 axes"):
            f(np.ones((1, 2)))

    def test_a_text_that_is_no_function_is_shown_with_a_caret(self):
        with self.assertRaises(cr.ParseError) as caught:
            cr.parse("x +* y")
        self.assertIsInstance(caught.exception, ValueError)
        self.assertIn("  |    ^ expected an expression", str(caught.exception))
        with self.assertRaisesRegex(ValueError, "no size m"):
            cr.parse("x^2", m=1).with_sizes(k=1)

    def test_what_its_writer_may_not_expect_is_warned_of(self):
        with self.assertWarnsRegex(UserWarning, r"read as \(1/2\)\*x"):
            self.assertEqual(cr.parse("1/2x")([3.0]), 1.5)

    def test_inputs_may_have_the_names_of_parameters(self):
        f = cr.parse("point^2 + self*text")
        self.assertEqual(f(point=2.0, self=3.0, text=5.0), 19.0)
        self.assertEqual(f.gradient(point=2.0, self=3.0, text=5.0)["text"], 3.0)

    def test_what_is_too_large_is_refused(self):
        f = cr.parse("sum(i, 1, 10^9, x[i]*sin(i*x[i]))")
        with self.assertRaisesRegex(cr.Refused, "budget"):
            f.batch(x=np.zeros((2, 10)))

    def test_repr_pickle_and_copy(self):
        f = cr.parse(LEAST_SQUARES, n=2)
        self.assertEqual(repr(f), f'chainrule.parse("{LEAST_SQUARES}", n=2)')
        self.assertEqual(repr(pickle.loads(pickle.dumps(f))), repr(f))
        self.assertIs(copy.copy(f), f)
        self.assertIs(copy.deepcopy([f])[0], f)

    def test_pickles_and_copies_keep_budgets_and_data(self):
        f = cr.parse("sum(i, 1, m, x[k[i]]*sin(x[k[i]]))").with_data(k=[1, 2, 1]).with_budget(nodes=3)
        for other in (pickle.loads(pickle.dumps(f)), copy.deepcopy(f), copy.copy(f)):
            with self.assertRaises(cr.Refused):
                other.batch(x=np.ones((2, 2)))
        self.assertEqual(f.with_budget(nodes=100).gradient([0.0, 0.0]).tolist(), [0.0, 0.0])

    def test_threads_batch_compare_and_pickle_at_the_same_time(self):
        f = cr.parse("sum(i, 1, n, exp(sin(i*x[i])*x[i]))")
        x = np.linspace(-1.0, 1.0, 6000).reshape(1000, 6)
        expected, verdict = f.batch(x=x), f.compare(x=x[0]).verdict
        wrong = []

        def work():
            own = pickle.loads(pickle.dumps(f))
            for each in (f, own):
                values, gradients = each.batch(x=x)
                if not (np.array_equal(values, expected[0]) and np.array_equal(gradients["x"], expected[1]["x"])):
                    wrong.append(each)
                if each.compare(x=x[0]).verdict != verdict:
                    wrong.append(each)

        threads = [threading.Thread(target=work) for _ in range(4)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        self.assertEqual(wrong, [])

    def test_bits_do_not_depend_on_how_a_point_is_given(self):
        f = cr.parse("sum(i, 1, n, exp(sin(i*x[i])*x[i]))")
        x = np.linspace(-1.0, 1.0, 50)
        flat = f.gradient(x)
        np.testing.assert_array_equal(flat, f.gradient(x=x)["x"])
        np.testing.assert_array_equal(flat, f.gradient(list(x)))
        np.testing.assert_array_equal(flat, f.gradient(np.repeat(x, 2)[::2]))

    def test_threads_get_the_same_bits(self):
        f = cr.parse("sum(i, 1, n, exp(sin(i*x[i])*x[i]))")
        points = [np.linspace(-1.0, 1.0 + k, 500) for k in range(4)]
        expected = [f.gradient(point) for point in points]
        wrong = []

        def work(k):
            for _ in range(50):
                if not np.array_equal(f.gradient(points[k]), expected[k]):
                    wrong.append(k)

        threads = [threading.Thread(target=work, args=(k,)) for k in range(4)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        self.assertEqual(wrong, [])


class Batches(unittest.TestCase):
    def test_points_along_axis_0_and_scalars_for_all(self):
        f = cr.parse("a*x^2")
        values, gradients = f.batch(x=np.array([1.0, 2.0, 3.0]), a=2.0)
        self.assertEqual(values.tolist(), [2.0, 8.0, 18.0])
        self.assertEqual(gradients["x"].tolist(), [4.0, 8.0, 12.0])
        self.assertEqual(gradients["a"].tolist(), [1.0, 4.0, 9.0])

    def test_vectors_have_an_axis_of_points_or_are_the_same_for_all(self):
        f = cr.parse("sum(i, 1, n, w[i]*x[i]^2)")
        x = np.arange(6.0).reshape(3, 2)
        for layout in (x, np.asfortranarray(x)):
            values, gradients = f.batch(x=layout, w=[1.0, 10.0])
            self.assertEqual(values.tolist(), [10.0, 94.0, 266.0])
            np.testing.assert_array_equal(gradients["x"], 2.0 * x * [1.0, 10.0])
            np.testing.assert_array_equal(gradients["w"], x**2)

    def test_each_point_has_the_bits_that_it_has_alone(self):
        f = cr.parse("[sin(x)*exp(y), x/y]")
        x, y = np.linspace(-2.0, 2.0, 1000), np.linspace(1.0, 3.0, 1000)
        values, gradients = f.batch(x=x, y=y)
        self.assertEqual((values.shape, gradients["x"].shape), ((1000, 2), (1000, 2)))
        for k in (0, 1, 499, 999):
            value, gradient = f.value_and_gradient(x=x[k], y=y[k])
            np.testing.assert_array_equal(values[k], value)
            np.testing.assert_array_equal(gradients["y"][k], gradient["y"])

    def test_lengths_that_differ_and_axes_that_are_missing_are_named(self):
        f = cr.parse("x*y")
        with self.assertRaisesRegex(ValueError, "x has 2 rows, y has 3"):
            f.batch(x=np.ones(2), y=np.ones(3))
        with self.assertRaisesRegex(ValueError, "no input has an axis of points"):
            f.batch(x=1.0, y=2.0)
        with self.assertRaisesRegex(ValueError, r"y has the shape \(1, 1\)"):
            f.batch(x=np.ones(1), y=np.ones((1, 1)))
        values, gradients = f.batch(x=np.ones(0), y=1.0)
        self.assertEqual((values.shape, gradients["y"].shape), ((0,), (0,)))


if __name__ == "__main__":
    unittest.main()
