# SPDX-License-Identifier: GPL-3.0-or-later
"""Limits of a request's numbers, for whoever offers them: without the messages, which take long to import."""

MIN_SIDE, MAX_SIDE = 64, 8192  # pixels
MAX_SEED = 2**63 - 1
MAX_LORA_STRENGTH = 4
MAX_RETRIES = 8
