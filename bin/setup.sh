# shellcheck shell=sh
# What bin/lectern, bin/test and bin/conformance share: the repository's root, a fitting JDK, Maven. Sourced, not run.
# The caller sets LECTERN_HOME (the repository's root).

# shellcheck disable=SC2034
EXIT_USAGE=64
# shellcheck disable=SC2034
EXIT_ENGINE=70

say() {
    printf '%s\n' "$*" >&2
}

# jdk_version HOME: the version that a JDK's own release file states, or nothing.
jdk_version() {
    [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] && [ -r "$1/release" ] || return 1
    sed -n 's/^JAVA_VERSION="\{0,1\}\([0-9][0-9.]*\).*/\1/p' "$1/release" | head -n 1
}

# fits VERSION: from 25.0.3 on (earlier builds have JDK-8377811) and before 26.
fits() {
    old_ifs=$IFS
    IFS=.
    # shellcheck disable=SC2086
    set -- $1
    IFS=$old_ifs
    [ "${1:-0}" -eq 25 ] && { [ "${2:-0}" -gt 0 ] || [ "${3:-0}" -ge 3 ]; }
}

# candidates: folders that may hold a JDK, best first, one a line.
candidates() {
    [ -z "${JAVA_HOME:-}" ] || printf '%s\n' "$JAVA_HOME"
    java_on_path=$(command -v java 2>/dev/null) && {
        # A link in /usr/bin leads to the JDK; follow it by hand, since readlink -f is not everywhere.
        while [ -L "$java_on_path" ]; do
            link=$(readlink "$java_on_path")
            case $link in
                /*) java_on_path=$link ;;
                *) java_on_path=$(dirname "$java_on_path")/$link ;;
            esac
        done
        dirname "$(dirname "$java_on_path")"
    }
    for folder in \
        /usr/lib/jvm/* /usr/lib64/jvm/* /usr/java/* /opt/java/* /opt/jdk* /opt/*jdk* /usr/local/openjdk* \
        /Library/Java/JavaVirtualMachines/*/Contents/Home "${HOME:-/}"/Library/Java/JavaVirtualMachines/*/Contents/Home \
        /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home /usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
        /home/linuxbrew/.linuxbrew/opt/openjdk*/libexec \
        "${SDKMAN_DIR:-${HOME:-/}/.sdkman}"/candidates/java/* "${HOME:-/}"/.jdks/* "${HOME:-/}"/.jabba/jdk/* \
        "${HOME:-/}"/.asdf/installs/java/* "${HOME:-/}"/.local/share/mise/installs/java/* \
        "${HOME:-/}"/.gradle/jdks/* "${HOME:-/}"/.gradle/jdks/*/Contents/Home; do
        [ -d "$folder" ] && printf '%s\n' "$folder"
    done
    :
}

# find_jdk: sets and exports JAVA_HOME, or says what is missing and exits 64.
find_jdk() {
    if [ -n "${LECTERN_JAVA_HOME:-}" ]; then
        version=$(jdk_version "$LECTERN_JAVA_HOME") || version=
        fits "${version:-0}" || {
            say "lectern: LECTERN_JAVA_HOME is $LECTERN_JAVA_HOME: ${version:-no JDK}; expected a JDK from 25.0.3 on, before 26"
            exit "$EXIT_USAGE"
        }
        JAVA_HOME=$LECTERN_JAVA_HOME
        export JAVA_HOME
        return
    fi
    found=$(candidates)
    seen=
    while IFS= read -r folder; do
        version=$(jdk_version "$folder") || continue
        if fits "${version:-0}"; then
            JAVA_HOME=$folder
            export JAVA_HOME
            return
        fi
        case $seen in
            *" $version ($folder)"*) ;;
            *) seen="$seen $version ($folder)" ;;
        esac
    done <<EOF
$found
EOF
    say "lectern: no JDK from 25.0.3 on (and before 26) found; seen:${seen:- none}"
    say "Install one, for example Temurin 25 from https://adoptium.net (or 'sdk install java 25-tem'), then run this again;"
    say "a JDK in an unusual place: set LECTERN_JAVA_HOME to its folder. It must be a JDK (with javac), not a JRE."
    exit "$EXIT_USAGE"
}

# find_maven: sets MAVEN to a Maven from 3.8 on: the one on PATH, or else the wrapper, which downloads one.
find_maven() {
    MAVEN=$LECTERN_HOME/mvnw
    mvn_on_path=$(command -v mvn 2>/dev/null) || return 0
    version=$("$mvn_on_path" -v 2>/dev/null | sed -n 's/.*Apache Maven \([0-9][0-9]*\.[0-9][0-9]*\).*/\1/p' | head -n 1)
    major=${version%%.*}
    minor=${version#*.}
    if [ "${major:-0}" -gt 3 ] || { [ "${major:-0}" -eq 3 ] && [ "${minor:-0}" -ge 8 ]; }; then
        MAVEN=$mvn_on_path
    fi
}

# run_maven LOG ARGUMENT...: runs Maven in LECTERN_HOME, all output to LOG; tries again, up to three times in all, where only a
# download failed. The status is Maven's.
run_maven() {
    maven_log=$1
    shift
    # Maven 3.8's own libraries call Unsafe, which JDK 25 would report on each start.
    maven_opts="${MAVEN_OPTS:-} --sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED"
    attempt=1
    while :; do
        maven_status=0
        (cd "$LECTERN_HOME" && MAVEN_OPTS=$maven_opts "$MAVEN" -B "$@") >"$maven_log" 2>&1 || maven_status=$?
        [ "$maven_status" -ne 0 ] && [ "$attempt" -lt 3 ] || return "$maven_status"
        grep -q -E 'Could not (transfer|find|resolve)|Failed to (read artifact|collect)|Connection (reset|timed out)|Failed to fetch' \
            "$maven_log" || return "$maven_status"
        attempt=$((attempt + 1))
        say "a download failed; trying again ($attempt of 3)"
        # A failed download is remembered for a day unless -U asks again.
        set -- -U "$@"
    done
}
