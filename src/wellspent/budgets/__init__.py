"""What may be spent, over which window, and what happens at the limit. Pure: values in, values out."""
