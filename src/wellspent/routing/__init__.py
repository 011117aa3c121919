"""Which upstreams and models answer a call, in what order. Pure: values in, values out."""
