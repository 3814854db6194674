# As that image does: a cluster and its database once, then the server, reached from the network with a password.
set -eu
if [ ! -e "$PGDATA/PG_VERSION" ]; then
    # shellcheck disable=SC2086  # several words
    initdb --username="$POSTGRES_USER" --pwfile="$POSTGRES_PASSWORD_FILE" $POSTGRES_INITDB_ARGS >/dev/null
    echo "host all all all scram-sha-256" >>"$PGDATA/pg_hba.conf"
    echo "create database $POSTGRES_DB;" | postgres --single postgres >/dev/null
fi
exec "$@" -c listen_addresses='*'
