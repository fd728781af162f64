# SPDX-License-Identifier: GPL-3.0-or-later
"""A tiny transformer as a GGUF file, with the names that its makers give its layers, as published files have.

Names as in ``wan/modules/model.py`` and ``vace_model.py`` of Wan's repositories, and as in LTX-2's checkpoints.
"""

from __future__ import annotations

import re
from pathlib import Path

WAN = (
    (r"^condition_embedder\.time_embedder\.linear_1\.", "time_embedding.0."),
    (r"^condition_embedder\.time_embedder\.linear_2\.", "time_embedding.2."),
    (r"^condition_embedder\.text_embedder\.linear_1\.", "text_embedding.0."),
    (r"^condition_embedder\.text_embedder\.linear_2\.", "text_embedding.2."),
    (r"^condition_embedder\.time_proj\.", "time_projection.1."),
    (r"^proj_out\.", "head.head."),
    (r"^scale_shift_table$", "head.modulation"),
    (r"\.scale_shift_table$", ".modulation"),
    (r"\.attn1\.", ".self_attn."),
    (r"\.attn2\.", ".cross_attn."),
    (r"\.to_([qkv])\.", r".\1."),
    (r"\.to_out\.0\.", ".o."),
    (r"\.ffn\.net\.0\.proj\.", ".ffn.0."),
    (r"\.ffn\.net\.2\.", ".ffn.2."),
    (r"\.norm2\.", ".norm3."),  # Wan's third norm comes before its cross-attention
    (r"^(vace_blocks\.\d+)\.proj_in\.", r"\1.before_proj."),
    (r"^(vace_blocks\.\d+)\.proj_out\.", r"\1.after_proj."),
)
LTX2 = (
    (r"^time_embed\.", "adaln_single."),
    (r"^audio_time_embed\.", "audio_adaln_single."),
    (r"^av_cross_attn_(video|audio)_scale_shift\.", r"av_ca_\1_scale_shift_adaln_single."),
    (r"^av_cross_attn_video_a2v_gate\.", "av_ca_a2v_gate_adaln_single."),
    (r"^av_cross_attn_audio_v2a_gate\.", "av_ca_v2a_gate_adaln_single."),
    (r"\.(video|audio)_a2v_cross_attn_scale_shift_table$", r".scale_shift_table_a2v_ca_\1"),
    (r"\.norm_([qk])\.", r".\1_norm."),
    (r"^proj_in\.", "patchify_proj."),
    (r"^audio_proj_in\.", "audio_patchify_proj."),
)


def write_gguf(
    model: Path, path: Path, kind: str, leave_out: str = "", names: tuple[tuple[str, str], ...] = WAN
) -> None:
    """``kind``: how weights of linear layers, and other tables, are kept (F32, Q8_0, Q4_0). All else is in 32 bits."""
    import gguf
    from safetensors.numpy import load_file

    writer = gguf.GGUFWriter(path, "wan" if names is WAN else "ltxv")
    kept = gguf.GGMLQuantizationType[kind]
    for name, values in load_file(model / "transformer" / "diffusion_pytorch_model.safetensors").items():
        for pattern, own in names:
            name = re.sub(pattern, own, name)
        if name == leave_out:
            continue
        if values.ndim == 2 and values.shape[1] % 32 == 0:
            writer.add_tensor(name, gguf.quants.quantize(values, kept), raw_dtype=kept)
        else:
            writer.add_tensor(name, values)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
