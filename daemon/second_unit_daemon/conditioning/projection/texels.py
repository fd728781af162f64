# SPDX-License-Identifier: GPL-3.0-or-later
"""Sixteen texels weighed at once, in the processor's vector registers.

Compilers find no way to do this from loops: the sums of three interleaved channels look like 48 numbers that have
nothing to do with each other. So its instructions are written down, four texels of a row to one vector; LLVM fits them
to the registers of whatever processor there is.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

CHANNELS = 4  # a texel is padded to four numbers
ROW = 4 * CHANNELS


def _weigh_texels(typing: Any, texels: Any, start: Any, stride: Any, across: Any, down: Any):
    """Sum of 4 × 4 texels: ``down[j] * across[i]`` times the texel i to the right of and j rows below ``start``.

    ``texels`` is a one-dimensional int16 array, CHANNELS numbers a texel, ``stride`` numbers a row; all sixteen texels
    must lie inside it. ``across`` and ``down`` are four 32-bit floats each. Returns three floats: the first channels.
    """
    result = types.UniTuple(types.float32, 3)

    def generate(context: Any, builder: Any, signature: Any, arguments: Any):
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        single = ir.FloatType()
        numbers, floats = ir.VectorType(ir.IntType(16), ROW), ir.VectorType(single, ROW)
        lanes = ir.VectorType(single, CHANNELS)
        columns = cgutils.unpack_tuple(builder, arguments[3], 4)
        rows = cgutils.unpack_tuple(builder, arguments[4], 4)
        total, at = None, arguments[1]
        for weight in rows:
            pointer = builder.bitcast(builder.gep(array.data, [at]), numbers.as_pointer())
            line = builder.sitofp(builder.load(pointer, align=2), floats)
            weighed = builder.fmul(line, _repeated(builder, [weight], ROW))
            total = weighed if total is None else builder.fadd(total, weighed, flags=("contract",))
            at = builder.add(at, arguments[2])
        total = builder.fmul(total, _repeated(builder, columns, CHANNELS))
        texel = None
        for i in range(4):
            picked = ir.Constant(ir.VectorType(ir.IntType(32), CHANNELS), [CHANNELS * i + k for k in range(CHANNELS)])
            part = builder.shuffle_vector(total, ir.Constant(floats, ir.Undefined), picked)
            texel = part if texel is None else builder.fadd(texel, part)
        assert texel is not None and texel.type == lanes
        channels = [builder.extract_element(texel, ir.Constant(ir.IntType(32), k)) for k in range(3)]
        return context.make_tuple(builder, result, channels)

    return result(texels, start, stride, across, down), generate


weigh_texels: Any = intrinsic(_weigh_texels)


def _repeated(builder: Any, values: list[Any], times: int) -> Any:
    """A vector of each value ``times`` times."""
    size = len(values) * times
    vector = ir.Constant(ir.VectorType(ir.FloatType(), size), ir.Undefined)
    for n, value in enumerate(values):
        vector = builder.insert_element(vector, value, ir.Constant(ir.IntType(32), n))
    order = ir.Constant(ir.VectorType(ir.IntType(32), size), [k // times for k in range(size)])
    return builder.shuffle_vector(vector, vector, order)
