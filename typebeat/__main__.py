"""`python -m typebeat`."""

import sys

from typebeat.cli import main

sys.exit(main())
