"""What drivers of receipt printers share: the talk on the wire, telling the printer's state, a page and its outcome."""
