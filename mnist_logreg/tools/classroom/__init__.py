"""Teaches a class: editions, archive, grading, a load test."""
