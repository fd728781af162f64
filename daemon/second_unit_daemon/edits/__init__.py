# SPDX-License-Identifier: GPL-3.0-or-later
"""Edits: shots made of what is there already, a take or any clip. Each gives a request that every engine may be asked.

A :class:`~.footage.Footage` is what is seen of a clip, a :class:`~.ground.Ground` what is known of the scene at any
time, a :class:`~.asking.Wish` what the artist wants otherwise, and :class:`~.gathered.Gathered` takes up the files.
"""
