"""A light curve: searched, measured, and each signal classified."""
