"""Every known signal and star: what the archive says, and what the version in service says about
it."""
