"""``python -m fibplan`` is the ``fibplan`` command."""

from fibplan.cli.main import main

main()
