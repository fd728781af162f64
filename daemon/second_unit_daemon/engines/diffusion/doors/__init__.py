# SPDX-License-Identifier: GPL-3.0-or-later
"""Shot facts to pipeline arguments, one file per family. numpy and cv2, never torch: testable alone."""
