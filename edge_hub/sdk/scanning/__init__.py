"""What drivers of bar code scanners share."""
