# In the place of python:3.11-slim-bookworm: Debian's own Python, which is 3.11 too. Like that image it has no bytecode
# of Python's own library.
FROM localhost/debian-stand-in
RUN apt-get update \
    && apt-get install --yes --no-install-recommends python3 python3-venv \
    && rm -rf /var/lib/apt/lists/* \
    && find /usr/lib/python3 /usr/lib/python3.11 -name __pycache__ -exec rm -r {} + \
    && ln -s /usr/bin/python3 /usr/local/bin/python
