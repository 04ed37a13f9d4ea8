# For packaging/test and packaging/test-units: sentences that must hold.
# $scratch is a folder of the script's own.

begun=$SECONDS
step() { printf '\n== %s (%s s)\n' "$*" "$((SECONDS - begun))"; }

# holds SENTENCE COMMAND…: the command must succeed; what it prints is shown when it does not.
holds() {
    local sentence=$1
    shift
    if "$@" >"$scratch/said" 2>&1; then
        printf 'ok    %s\n' "$sentence"
    else
        printf 'WRONG %s\n      %s\n' "$sentence" "$*"
        sed 's/^/      | /' "$scratch/said" | tail -40
        exit 1
    fi
}

absent() { ! "$@"; }

no_more_than() { printf '%s, at most %s\n' "$1" "$2" && [ "$1" -le "$2" ]; }

# eventually COMMAND…: it succeeds within 30 seconds.
eventually() {
    local deadline=$((SECONDS + 30))
    until "$@"; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.1
    done
}

# What is Handover's in the folder $root.
files() {
    (cd "$root" && find etc usr lib var opt \( -path '*handover*' -o -name 'sink*' -o -name '*reader*' \
        -o -name '*writer*' -o -name 'guard*' \) \
        ! -name '*handover-test' -print | sort)
}
