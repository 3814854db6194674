# In the place of python:3.11-slim-bookworm: Debian's own Python, which is 3.11 too.
FROM localhost/debian-stand-in
RUN apt-get update \
    && apt-get install --yes --no-install-recommends python3 python3-venv \
    && rm -rf /var/lib/apt/lists/* \
    && ln -s /usr/bin/python3 /usr/local/bin/python
