"""Grading: what learners handed in is read, run behind a fence, judged, tabulated."""
