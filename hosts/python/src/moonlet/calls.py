"""Calls of the module's exports, with as little of Python between as there can be.

``wasmtime.Func`` asks for the function's type at every call and makes objects of it and of each value, which takes longer than
most calls themselves. Here the C function below it is called with arrays that are kept: it checks the types too, so a
module that has others gets an error. Its Python name is none of wasmtime's public ones: where it is not there, ``Func`` is called.
"""

from __future__ import annotations

from ctypes import POINTER, byref
from functools import partial
from typing import Any, Callable, Union

import wasmtime
from wasmtime import Func, Store, Trap, WasmtimeError

#: The C functions, under a name that is not public.
ffi: Any = getattr(wasmtime, "_ffi", None)

Number = Union[int, float]
Call = Callable[..., Any]


def bind(store: Store, name: str, function: Func, count: int) -> Call:
    """A function that calls an export with ``count`` numbers, and answers what it does; raises Trap and WasmtimeError as ``Func`` does."""
    if ffi is not None:
        try:
            return _direct(store, name, function, count)
        except AttributeError:
            # This wasmtime has other names.
            pass
    return partial(function, store)


def _direct(store: Store, name: str, function: Func, count: int) -> Call:
    call, trap_of, error_of = ffi.wasmtime_func_call, Trap._from_ptr, WasmtimeError._from_ptr
    context, pointer = store._context(), byref(function._func)
    integer, real = ffi.WASMTIME_I32.value, ffi.WASMTIME_F64.value
    # Of all exports these alone take or answer f64.
    kinds = ["f64" if name == "set" and at == 1 else "i32" for at in range(count)]
    answer = "f64" if name in ("get", "compact") else "i32"
    given, gotten = (ffi.wasmtime_val_t * count)(), (ffi.wasmtime_val_t * 1)()
    for at, kind in enumerate(kinds):
        given[at].kind = real if kind == "f64" else integer
    # Views of the arrays' own memory.
    slots = [given[at].of for at in range(count)]
    slot = gotten[0].of
    answers = 0 if name == "dealloc" else 1

    def run(*numbers: Number) -> Any:
        for view, kind, number in zip(slots, kinds, numbers):
            setattr(view, kind, number)
        trap = POINTER(ffi.wasm_trap_t)()
        error = call(context, pointer, given, count, gotten, answers, byref(trap))
        if error:
            raise error_of(error)
        if trap:
            raise trap_of(trap)
        return getattr(slot, answer)

    return run
