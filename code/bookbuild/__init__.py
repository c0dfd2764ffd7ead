"""What makes the site: environment, execution, notebooks, checks, reports."""
