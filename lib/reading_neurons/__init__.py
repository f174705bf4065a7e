"""Read what the neurons of a language network respond to."""

__version__ = "0.1.0"
