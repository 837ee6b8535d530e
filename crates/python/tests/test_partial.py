"""Partial sums: the bits of one process in any split, exact sums against math.fsum, tables of other libraries, typed errors."""

import copy
import math
import pickle
import random
import unittest

import chainrule as cr
import numpy as np

LOSS = "(a*x + b - y)^2"
POINT = {"a": 1.25, "b": -0.375}


def columns(rows: int) -> dict[str, np.ndarray]:
    draw = np.random.default_rng(rows)
    x = draw.normal(size=rows) * 10.0 ** draw.integers(-8, 9, size=rows)
    return {"x": x, "y": draw.normal(size=rows)}


def within(batch: dict[str, np.ndarray], start: int, end: int) -> dict[str, np.ndarray]:
    return {name: column[start:end] for name, column in batch.items()}


def bits(total: cr.Total) -> tuple[str, ...]:
    return tuple(float(x).hex() for x in (total.value, *total.gradient.values()))


class Sums(unittest.TestCase):
    def test_any_split_has_the_bits_of_one_process_and_of_the_loop(self):
        rows = 5000
        batch = columns(rows)
        shuffle = random.Random(7)
        for order in ("row", "any"):
            loss = cr.parse(LOSS).sum_over("x", "y", order=order)

            def part(start: int, end: int, loss: cr.SumOver = loss, order: str = order) -> cr.Partial:
                place = {"first_row": start} if order == "row" else {}
                return loss.partial(within(batch, start, end), **place, **POINT)

            whole = part(0, rows)
            self.assertEqual(whole.rows, rows)
            for cuts in ([1, 255, 257, 4999], [2500], sorted(shuffle.sample(range(rows), 63))):
                parts = [part(*ends) for ends in zip([0, *cuts], [*cuts, rows])]
                shuffle.shuffle(parts)
                self.assertEqual(cr.merge(parts), whole)
                self.assertEqual(bytes(cr.merge(pickle.loads(pickle.dumps(parts)))), bytes(whole))
                one = parts[0]
                for other in parts[1:]:
                    one = one + other
                self.assertEqual(bits(one.finish(rows=rows)), bits(whole.finish(rows=rows)))
            if order == "row":
                loop = cr.parse("sum(i, 1, n, (a*x[i] + b - y[i])^2)", n=rows)
                self.assertEqual(whole.finish().value, loop(**batch, **POINT))

    def test_exact_sums_are_those_of_fsum(self):
        for rows in (0, 1, 100, 40_000):
            batch = columns(rows)
            values, gradients = cr.parse(LOSS).batch(**batch, **POINT) if rows else ([], {"a": [], "b": []})
            total = cr.parse(LOSS).sum_over("x", "y", order="any").partial(batch, **POINT).finish(rows=rows)
            self.assertEqual(total.value, math.fsum(values))
            for name in ("a", "b"):
                self.assertEqual(float(total.gradient[name]), math.fsum(gradients[name]), name)
        extreme = np.ldexp(np.random.default_rng(3).normal(size=30_000), np.random.default_rng(4).integers(-1060, 1000, 30_000))
        total = cr.parse("a*x").sum_over("x", order="any").partial({"x": extreme}, a=1.0).finish()
        self.assertEqual(total.value.hex(), math.fsum(extreme).hex())
        self.assertTrue(math.isinf(cr.parse("a*x").sum_over("x", order="any").partial({"x": [1.7e308] * 9}, a=1.0).finish().value))

    def test_vectors_and_several_outputs(self):
        f = cr.parse("[dot(w, x) - y, a*y]")
        loss = f.sum_over("x", "y")
        x, y = np.arange(6.0).reshape(3, 2), np.array([1.0, 2.0, 3.0])
        total = loss.partial({"x": x, "y": y}, w=[1.0, 10.0], a=2.0, first_row=0).finish(rows=3)
        np.testing.assert_array_equal(total.value, [x.sum(0) @ [1.0, 10.0] - 6.0, 12.0])
        np.testing.assert_array_equal(total.gradient["w"], [x.sum(0), [0.0, 0.0]])
        np.testing.assert_array_equal(total.gradient["a"], [0.0, 6.0])
        with self.assertRaisesRegex(ValueError, "w has the shape|w has length|n"):
            loss.partial({"x": x, "y": y}, w=[1.0, 2.0, 3.0], a=2.0, first_row=0)

    def test_what_is_told_of_rows(self):
        loss = cr.parse("abs(a - x) + ln(y)").sum_over("x", "y")
        batch = {"x": [1.0, 2.0, 3.0, 2.0], "y": [1.0, 1.0, math.nan, 1.0]}
        total = loss.partial(batch, a=2.0, first_row=0).finish()
        self.assertEqual((total.rows, total.kinks, total.first_kink), (4, 2, 1))
        self.assertEqual((total.undefined, total.first_undefined, total.skipped, total.first_skipped), (1, 2, 0, None))
        self.assertRegex(repr(total), r"rows 0\.\.4, kinks 2 \(first: row 1\), undefined 1 \(first: row 2\)\)")
        parts = cr.parse("a*ln(x)").sum_over("x", order="any")
        one = parts.partial({"x": [1.0, -1.0]}, a=1.0, part="b") + parts.partial({"x": [0.0]}, a=1.0, part="a")
        self.assertEqual((one.finish().first_undefined, one.parts), (("a", 0), ["a", "b"]))

    def test_errors_are_typed(self):
        loss = cr.parse(LOSS).sum_over("x", "y")

        def part(start: int, end: int, **changed: float) -> cr.Partial:
            return loss.partial(within(columns(3000), start, end), first_row=start, **{**POINT, **changed})

        with self.assertRaises(cr.Overlap) as caught:
            part(0, 500) + part(400, 600)
        self.assertEqual((caught.exception.rows, str(caught.exception)), ((400, 500), "rows 400..500 are in two of the partial sums"))
        with self.assertRaises(cr.Gap) as caught:
            cr.merge([part(600, 700), part(0, 300)]).finish(rows=1000)
        self.assertEqual(caught.exception.missing, [(300, 600), (700, 1000)])
        with self.assertRaisesRegex(cr.OtherParameters, "b is -0.375, and 2"):
            part(0, 10) + part(10, 20, b=2.0)
        other = cr.parse("(a*x + b - y)^4").sum_over("x", "y")
        with self.assertRaisesRegex(cr.OtherFunction, r"\(a\*x \+ b - y\)\^2 over x, y .* \(a\*x \+ b - y\)\^4"):
            part(0, 10) + other.partial(columns(5), first_row=10, **POINT)
        with self.assertRaises(cr.OtherFunction):
            part(0, 10) + cr.parse(LOSS).sum_over("x", "y", order="any").partial(columns(5), **POINT)
        with self.assertRaisesRegex(cr.PartialError, "row 10 is beyond"):
            part(0, 11).finish(rows=10)
        named = cr.parse(LOSS).sum_over("x", "y", order="any")
        monday = named.partial(columns(5), part="monday", **POINT)
        with self.assertRaises(cr.PartTwice) as caught:
            cr.merge([monday, named.partial(columns(4), part="tuesday", **POINT), monday])
        self.assertEqual(caught.exception.part, "monday")
        with self.assertRaisesRegex(cr.PartialError, "5 rows were summed, of 6"):
            monday.finish(rows=6)
        with self.assertRaises(cr.PartialError):
            cr.merge([])
        for wrong in (bytes(monday)[:-1], b"", bytes(monday) + b"0", bytes(100)):
            with self.assertRaises(cr.PartialError):
                cr.Partial.from_bytes(wrong)
        self.assertTrue(issubclass(cr.PartialError, ValueError))

    def test_wrong_arguments_are_told(self):
        f = cr.parse(LOSS)
        loss = f.sum_over("x", "y")
        batch = columns(3)
        for error, words, call in (
            (TypeError, "no input z", lambda: f.sum_over("z")),
            (TypeError, "name the inputs", lambda: f.sum_over()),
            (ValueError, "no order", lambda: f.sum_over("x", order="best")),
            (ValueError, "argument of partial", lambda: cr.parse("x*part").sum_over("x")),
            (TypeError, "say first_row", lambda: loss.partial(batch, **POINT)),
            (TypeError, "no part", lambda: loss.partial(batch, first_row=0, part="p", **POINT)),
            (TypeError, "say no first_row", lambda: f.sum_over("x", "y", order="any").partial(batch, first_row=0, **POINT)),
            (TypeError, "no value for the parameter b", lambda: loss.partial(batch, a=1.0, first_row=0)),
            (TypeError, "no parameter c", lambda: loss.partial(batch, c=1.0, first_row=0, **POINT)),
            (TypeError, "x is a column", lambda: loss.partial(batch, x=1.0, first_row=0, **POINT)),
            (TypeError, "no column y; it has x", lambda: loss.partial({"x": [1.0]}, first_row=0, **POINT)),
            (ValueError, "x has 1 rows, y has 2", lambda: loss.partial({"x": [1.0], "y": [1, 2]}, first_row=0, **POINT)),
            (TypeError, "one number, where a column", lambda: loss.partial({"x": 1.0, "y": [1]}, first_row=0, **POINT)),
            (TypeError, "x: .*convert to float64", lambda: loss.partial({"x": ["1"], "y": [1]}, first_row=0, **POINT)),
            (TypeError, "a list has not", lambda: loss.partial([1.0], first_row=0, **POINT)),
            (ValueError, "nulls is", lambda: loss.partial(batch, first_row=0, nulls="drop", **POINT)),
            (OverflowError, "", lambda: loss.partial(batch, first_row=-1, **POINT)),
            (cr.PartialError, "2.63", lambda: loss.partial(batch, first_row=2**63 - 1, **POINT)),
        ):
            with self.assertRaisesRegex(error, words):
                call()

    def test_a_sum_goes_to_other_processes(self):
        loss = cr.parse("sum(j, 1, n, (w[j]*x[j])^2) - y*k", n=2).sum_over("x", "y")
        same = pickle.loads(pickle.dumps(loss))
        batch = {"x": np.ones((4, 2)), "y": np.arange(4)}
        part = loss.partial(batch, w=[1.0, 2.0], k=3, first_row=0)
        self.assertEqual(repr(same), repr(loss))
        self.assertEqual(same.partial(batch, w=[1.0, 2.0], k=3, first_row=0), part)
        self.assertEqual(copy.deepcopy(part), part)
        self.assertEqual(len({part, copy.copy(part)}), 1)
        self.assertNotEqual(part, loss.partial(batch, w=[1.0, 2.0], k=4, first_row=0))


class Tables(unittest.TestCase):
    """What other libraries hold, by the Arrow PyCapsule interface."""

    def setUp(self):
        try:
            import pyarrow
        except ImportError:
            self.skipTest("pyarrow is not installed")
        self.pa = pyarrow
        self.loss = cr.parse(LOSS).sum_over("x", "y")

    def part(self, batch: object, loss: cr.SumOver | None = None, **also: object) -> cr.Partial:
        return (loss or self.loss).partial(batch, **{"first_row": 0, **also}, **POINT)

    def test_tables_batches_and_streams_are_the_columns_that_they_hold(self):
        numbers = columns(3000)
        expected = self.part(numbers)
        table = self.pa.table({"name": ["row"] * 3000, **numbers})
        streams = self.pa.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize=700))
        batch = table.combine_chunks().to_batches()[0]
        for held in (table, batch, batch.slice(0), streams, {"x": table["x"], "y": numbers["y"]}):
            self.assertEqual(self.part(held), expected, type(held))
        halves = [self.part(batch.slice(1234), first_row=1234), self.part(table.slice(0, 1234))]
        self.assertEqual(cr.merge(halves), expected)
        any_order = cr.parse(LOSS).sum_over("x", "y", order="any")
        streams = self.pa.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize=700))
        self.assertEqual(any_order.partial(streams, part="p", **POINT), any_order.partial(numbers, part="p", **POINT))
        empty = self.pa.RecordBatchReader.from_batches(table.schema, [])
        self.assertEqual(self.part(empty), self.part({"x": [], "y": []}))
        for library in ("pandas", "polars"):
            try:
                module = __import__(library)
            except ImportError:
                continue
            frame = module.DataFrame(numbers)
            self.assertEqual(self.part(frame), expected, library)
            self.assertEqual(self.part({"x": frame["x"], "y": frame["y"]}), expected, library)

    def test_numbers_convert_where_that_is_exact(self):
        pa = self.pa
        kinds = [pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64(), pa.float16(), pa.float32()]
        expected = self.part({"x": [0.0, 1.0, 2.0], "y": [1.0, 0.0, 1.0]})
        for kind in kinds:
            table = pa.table({"x": pa.array(np.array([0, 1, 2]).astype(kind.to_pandas_dtype()), kind), "y": [True, False, True]})
            self.assertEqual(self.part(table), expected, kind)
        for wrong, words in (
            (pa.array([2**53 + 1]), "x: an integer beyond"),
            (pa.array(["1"]), "x: Utf8|x: .*convert"),
            (pa.array([1]).cast(pa.timestamp("s")), "x: Timestamp"),
            (pa.array([1]).cast(pa.decimal128(30, 1)), "x: Decimal"),
        ):
            with self.assertRaisesRegex(TypeError, words):
                self.part(pa.table({"x": wrong, "y": [1.0]}))
        with self.assertRaisesRegex(TypeError, "no column y; it has x"):
            self.part(pa.table({"x": [1.0]}))
        with self.assertRaisesRegex(TypeError, "named columns"):
            self.part(pa.array([1.0]))

    def test_nulls_are_errors_or_skipped(self):
        pa = self.pa
        x = pa.array([1.0, None, 3.0, 4.0])
        table = pa.table({"x": x, "y": [1, 2, None, 4], "unread": [None] * 4})
        with self.assertRaisesRegex(ValueError, r"x is null in row 11; with nulls=\"skip\""):
            self.part(table, first_row=10)
        stream = pa.RecordBatchReader.from_batches(table.schema, table.slice(2).to_batches(max_chunksize=1) + table.to_batches())
        with self.assertRaisesRegex(ValueError, "y is null in row 0"):
            self.part(stream)
        total = self.part(table, nulls="skip").finish(rows=4)
        self.assertEqual((total.rows, total.skipped, total.first_skipped), (4, 2, 1))
        kept = [POINT["a"] * x + POINT["b"] - y for x, y in ((1.0, 1.0), (4.0, 4.0))]
        self.assertEqual(total.value, kept[0] ** 2 + kept[1] ** 2)
        parts = [self.part(table.slice(k, 1), nulls="skip", first_row=k) for k in (2, 0, 3, 1)]
        self.assertEqual(cr.merge(parts).finish(rows=4).value, total.value)
        with self.assertRaisesRegex(ValueError, "x is null in row 1"):
            self.part({"x": x, "y": [1.0] * 4})
        self.assertEqual(self.part({"x": x, "y": [1.0] * 4}, nulls="skip").finish().skipped, 1)
        self.assertEqual(self.part(pa.table({"x": pa.nulls(2), "y": [1.0, 1.0]}), nulls="skip").finish().skipped, 2)

    def test_lists_are_vectors(self):
        pa = self.pa
        loss = cr.parse("(dot(w, x) - y)^2").sum_over("x", "y")
        rows = [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]
        expected = loss.partial({"x": rows, "y": [1.0, 2.0, 3.0]}, w=[1.0, 2.0], first_row=0)
        for kind in (pa.list_(pa.float64(), 2), pa.list_(pa.float64()), pa.large_list(pa.float32())):
            table = pa.table({"x": pa.array(rows, kind), "y": [1.0, 2.0, 3.0]})
            self.assertEqual(loss.partial(table, w=[1.0, 2.0], first_row=0), expected, kind)
            self.assertEqual(
                cr.merge(loss.partial(table.slice(k, 1), w=[1.0, 2.0], first_row=k) for k in (1, 2, 0)), expected, kind
            )
            table = pa.table({"x": pa.array([[1.0, None], None, [5.0, 6.0]], kind), "y": [1.0, 2.0, 3.0]})
            total = loss.partial(table, w=[1.0, 2.0], first_row=0, nulls="skip").finish()
            self.assertEqual((total.value, total.skipped), (196.0, 2), kind)
        ragged = pa.table({"x": [[1.0, 2.0], [3.0]], "y": [1.0, 2.0]})
        with self.assertRaisesRegex(ValueError, "x: row 1 is a list of 1 numbers, others of 2"):
            loss.partial(ragged, w=[1.0, 2.0], first_row=0)


if __name__ == "__main__":
    unittest.main()
