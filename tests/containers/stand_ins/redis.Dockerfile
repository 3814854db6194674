# In the place of redis:7.2-bookworm: Debian's own, whose user has the same name.
FROM localhost/debian-stand-in
RUN apt-get update \
    && apt-get install --yes --no-install-recommends redis-server redis-tools \
    && rm -rf /var/lib/apt/lists/*
RUN install --directory --mode=1777 /data
