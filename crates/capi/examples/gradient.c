/* Value, gradient, many points and an error, from C. Compiled and run by crates/capi/tests/c.rs.

   cargo build --release -p chainrule-capi
   cc -I crates/capi/include crates/capi/examples/gradient.c -L target/release -lchainrule_c -o gradient */

#include "chainrule.h"

#include <stdio.h>
#include <stdlib.h>

static void check(CrStatus status) {
    if (status != CR_STATUS_OK) {
        fprintf(stderr, "%s\n", cr_last_error());
        exit(1);
    }
}

int main(void) {
    /* The article's example. */
    CrFunction *f;
    check(cr_parse("L(x, y, z) = (x + y)z", NULL, 0, &f));
    double point[3] = {-2.0, 5.0, -4.0}, value, gradient[3];
    check(cr_value_and_gradient(f, point, 3, &value, 1, gradient, 3));
    printf("L = %g, gradient %g %g %g\n", value, gradient[0], gradient[1], gradient[2]);

    /* At 1000 points; z is the same at all. */
    enum { ROWS = 1000 };
    static double x[ROWS], y[ROWS], values[ROWS], gradients[3 * ROWS];
    for (int k = 0; k < ROWS; k++) {
        x[k] = 0.5 * k;
        y[k] = 1.0 - k;
    }
    CrColumn columns[3] = {{x, false}, {y, false}, {&point[2], true}};
    check(cr_batch(f, columns, 3, ROWS, values, ROWS, gradients, 3 * ROWS));
    printf("row 10: L = %g, by z %g\n", values[10], gradients[2 * ROWS + 10]);
    cr_free(f);

    /* A size. */
    CrSize n = {"n", 4};
    check(cr_parse("sum(i, 1, n, (a*x[i] + b)^2)", &n, 1, &f));
    size_t first, count;
    check(cr_input(f, "x", &first, &count));
    printf("%zu numbers, x has %zu from %zu on\n", cr_inputs(f), count, first);
    double six[6] = {2, 1, 2, 3, 4, 0.5}, slopes[6], sum;
    check(cr_value(f, six, 6, &sum, 1));
    check(cr_gradient(f, six, 6, slopes, 6));
    printf("sum = %g, by a %g\n", sum, slopes[0]);

    /* What goes wrong is a code and a sentence. */
    CrStatus status = cr_gradient(f, six, 5, slopes, 5);
    printf("code %d: %s\n", (int)status, cr_last_error());
    cr_free(f);
    status = cr_parse("x +* y", NULL, 0, &f);
    printf("code %d, function %s:\n%s\n", (int)status, f ? "there" : "null", cr_last_error());
    return 0;
}
