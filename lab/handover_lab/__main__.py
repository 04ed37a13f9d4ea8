import sys

from handover_lab.cli import main

sys.exit(main(sys.argv[1:]))
