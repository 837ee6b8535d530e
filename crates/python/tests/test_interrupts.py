"""Ctrl-C ends every long call. The calls here would take from seconds to years."""

import os
import signal
import threading
import time
import unittest

import chainrule as cr
import numpy as np

ENDLESS = "sum(i, 1, n, sin(i*x)*cos(i*y))"


@unittest.skipIf(os.name == "nt", "signals are POSIX's here")
class Interrupts(unittest.TestCase):
    def interrupted(self, call):
        """The call is running when Ctrl-C comes, and ends by it."""
        running = threading.Event()

        def press():
            running.wait()
            # The first looks at signals are over by now; more of them come, should the call begin late.
            while running.is_set():
                time.sleep(0.2)
                if running.is_set():
                    os.kill(os.getpid(), signal.SIGINT)

        thread = threading.Thread(target=press, daemon=True)
        thread.start()
        ended = None
        running.set()
        try:
            call()
        except KeyboardInterrupt as error:
            ended = error
        finally:
            try:
                running.clear()
                thread.join()
                time.sleep(0.1)
            except KeyboardInterrupt:
                thread.join()
        self.assertIsInstance(ended, KeyboardInterrupt)

    def test_values_and_gradients(self):
        f = cr.parse(ENDLESS, n=10**13)
        for call in (f, f.gradient, f.value_and_gradient):
            self.interrupted(lambda call=call: call([1.0, 2.0]))
        # The function is none the worse for it.
        small = f.with_sizes(n=1000)
        before = small.gradient([1.0, 2.0])
        np.testing.assert_array_equal(cr.parse(ENDLESS, n=1000).gradient([1.0, 2.0]), before)

    def test_nested_loops(self):
        f = cr.parse("sum(i, 1, n, sum(j, 1, i, sin(i*j*x)))", n=10**7)
        self.interrupted(lambda: f.gradient([0.5]))

    def test_batches(self):
        f = cr.parse("sum(i, 1, 20000, sin(i*x))")
        x = np.linspace(0.0, 1.0, 1_000_000)
        self.interrupted(lambda: f.batch(x=x))
        values, _ = f.batch(x=x[:3])
        self.assertEqual(values[1], f(x=x[1]))

    def test_comparisons(self):
        f = cr.parse(ENDLESS, n=2_500_000)
        self.interrupted(lambda: f.compare([1.0, 2.0]))

    def test_derivations(self):
        terms = " + ".join(f"exp(sin({k}*x)*y^{k})/(x + {k}*y)*ln(x^{k} + y)" for k in range(1, 400))
        f = cr.parse(terms)
        self.interrupted(f.derive)

    def test_claims(self):
        product = "*".join(f"(1 + abs(x - {k}*y))" for k in range(1, 30))
        self.interrupted(lambda: cr.check(product, x=f"diff({product}, x)"))

    def test_another_signal_handler_that_raises_ends_a_call_too(self):
        class Alarm(Exception):
            pass

        def ring(*_):
            raise Alarm

        before = signal.signal(signal.SIGALRM, ring)
        try:
            signal.setitimer(signal.ITIMER_REAL, 0.3)
            with self.assertRaises(Alarm):
                cr.parse(ENDLESS, n=10**13)([1.0, 2.0])
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)

    def test_other_threads_run_meanwhile(self):
        f = cr.parse(ENDLESS, n=10**13)
        count = 0

        def work():
            nonlocal count
            for _ in range(1000):
                count += 1

        thread = threading.Thread(target=work)

        def call():
            thread.start()
            f([1.0, 2.0])

        self.interrupted(call)
        thread.join()
        self.assertEqual(count, 1000)


if __name__ == "__main__":
    unittest.main()
