# In the place of postgres:15-bookworm: its user, its folder, and a database that is made at the first start.
FROM localhost/debian-stand-in
RUN groupadd --gid 999 postgres && useradd --uid 999 --gid 999 --home-dir /var/lib/postgresql postgres \
    && apt-get update \
    && mkdir --parents /usr/share/man/man1 /usr/share/man/man7 /etc/postgresql-common \
    && echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf \
    && apt-get install --yes --no-install-recommends postgresql-15 \
    && rm -rf /var/lib/apt/lists/* /var/lib/postgresql \
    && install --directory --owner=postgres --group=postgres --mode=700 /var/lib/postgresql /var/lib/postgresql/data
# podman gives a tmpfs the mode of the folder below it, not an owner.
RUN chmod 1777 /run/postgresql
ENV PATH=/usr/lib/postgresql/15/bin:$PATH PGDATA=/var/lib/postgresql/data
VOLUME /var/lib/postgresql/data
COPY postgres-entrypoint.sh /entrypoint.sh
ENTRYPOINT ["sh", "/entrypoint.sh"]
