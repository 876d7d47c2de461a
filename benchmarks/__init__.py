"""Scripts that measure speed and quality and print a table each; no part of the test run."""
