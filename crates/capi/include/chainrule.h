/* Gradients of functions from text, for C. Written by cbindgen from crates/capi/src; a test keeps it current. */

#ifndef CHAINRULE_H
#define CHAINRULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What a call came to.
typedef enum {
  // The answer is there.
  CR_STATUS_OK = 0,
  // A pointer is null where something is needed.
  CR_STATUS_NULL = 1,
  // A text is no UTF-8.
  CR_STATUS_UTF8 = 2,
  // A text is no function; the message shows the place.
  CR_STATUS_PARSE = 3,
  // A size has no value, or there is no such size or input.
  CR_STATUS_NAME = 4,
  // A length is not the one that is needed.
  CR_STATUS_LENGTH = 5,
  // An answer would take more than its budget.
  CR_STATUS_REFUSED = 6,
  // A fault of the library.
  CR_STATUS_INTERNAL = 7,
} CrStatus;

// A function of real numbers. Several threads may call it at the same time.
typedef struct CrFunction CrFunction;

// A size and its value.
typedef struct {
  // Its name.
  const char *name;
  // Its value.
  int64_t value;
} CrSize;

// What one number of a point is at all rows.
typedef struct {
  // A number for each row; of a shared column one number.
  const double *numbers;
  // Whether the number is the same at all rows.
  bool shared;
} CrColumn;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// Why the last call of this thread that returned another code than CR_STATUS_OK did so: one sentence or, for a text, the place under
// it. Never null; valid until the next call of this thread.
const char *cr_last_error(void);

// Reads a function, such as `sum(i, 1, n, (a*x[i] + b)^2)` with the size n. What is written to `function` is to be freed by cr_free;
// where the call fails it is null.
//
// # Safety
// `text` and the names are null or end with a 0; `sizes` has `size_count` sizes; `function` is null or a place for a pointer.
CrStatus cr_parse(const char *text,
                  const CrSize *sizes,
                  size_t size_count,
                  CrFunction **function);

// Frees a function; null is none.
//
// # Safety
// `function` is null or from cr_parse, is not freed yet, and no other call uses it.
void cr_free(CrFunction *function);

// How many numbers a point has; 0 for null.
//
// # Safety
// `function` is null or from cr_parse.
size_t cr_inputs(const CrFunction *function);

// How many outputs there are; 0 for null.
//
// # Safety
// `function` is null or from cr_parse.
size_t cr_outputs(const CrFunction *function);

// Where the numbers of an input begin in a point, and how many they are.
//
// # Safety
// `function` is null or from cr_parse, `name` null or ends with a 0, `first` and `count` are null or places for a number.
CrStatus cr_input(const CrFunction *function,
                  const char *name,
                  size_t *first,
                  size_t *count);

// The outputs at a point of `numbers` numbers: `outputs` of them are written to `values`.
//
// # Safety
// `function` is null or from cr_parse, `point` and `values` are null or have as many numbers as is said, and do not overlap.
CrStatus cr_value(const CrFunction *function,
                  const double *point,
                  size_t numbers,
                  double *values,
                  size_t outputs);

// The gradient at a point: a row of `numbers` partial derivatives for each output, `places` = outputs * numbers in all.
//
// # Safety
// As for cr_value.
CrStatus cr_gradient(const CrFunction *function,
                     const double *point,
                     size_t numbers,
                     double *gradient,
                     size_t places);

// What cr_value and cr_gradient give, in one pass forward and one backward.
//
// # Safety
// As for cr_value.
CrStatus cr_value_and_gradient(const CrFunction *function,
                               const double *point,
                               size_t numbers,
                               double *values,
                               size_t outputs,
                               double *gradient,
                               size_t places);

// Values and gradients at many rows, on all cores; every row has the bits that it has alone. `columns` has a column for each number of a
// point. Of each output a column of `rows` values is written, and of each output and number a column of `rows` partial derivatives, in
// that order.
//
// # Safety
// `function` is null or from cr_parse; `columns` has `column_count` columns, of which each has one number per row, or one where it is
// shared; `values` and `gradients` are null or have as many places as is said. Nothing that is written overlaps anything.
CrStatus cr_batch(const CrFunction *function,
                  const CrColumn *columns,
                  size_t column_count,
                  size_t rows,
                  double *values,
                  size_t value_places,
                  double *gradients,
                  size_t gradient_places);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* CHAINRULE_H */
