"""Survival of lines of code, and what their rework costs. Pure: values in, values out."""
