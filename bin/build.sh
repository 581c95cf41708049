# shellcheck shell=sh
# Builds what the commands of bin run, when sources changed. Sourced, not run; after bin/setup.sh.

# Each build has a folder of its own, `current` names the newest: a command that runs keeps the jars that it started with.
launcher=$LECTERN_HOME/target/launcher

# up_to_date: whether the newest build is newer than every source, and has lectern.jar where that is needed. Folders count too, so
# that a deleted file is seen.
up_to_date() {
    [ -r "$launcher/current" ] || return 1
    build=$(cat "$launcher/current")
    [ -r "$build/class-path" ] || return 1
    [ -z "${needs_jar:-}" ] || [ -r "$build/lectern.jar" ] || return 1
    newer=$(cd "$LECTERN_HOME" && find pom.xml .mvn bin engine schemas inference-udf pipeline-jobs \
        \( -name target -o -path '*/src/test' -o -path '*/benchmarks' \) -prune -o -newer "$build/started" -print 2>/dev/null | head -n 1)
    [ -z "$newer" ]
}

# with_lock COMMAND: one build at a time; the lock of a process that is gone counts for nothing.
with_lock() {
    mkdir -p "$launcher"
    waiting=
    until mkdir "$launcher/lock" 2>/dev/null; do
        owner=$(cat "$launcher/lock/pid" 2>/dev/null) || owner=
        if [ -n "$owner" ] && ! kill -0 "$owner" 2>/dev/null; then
            rm -rf "$launcher/lock"
        else
            [ -n "$waiting" ] || say "waiting for another command that is building Lectern …"
            waiting=yes
            sleep 1
        fi
    done
    echo $$ >"$launcher/lock/pid"
    trap 'rm -rf "$launcher/lock"' EXIT
    trap 'exit 130' INT TERM HUP
    "$@"
    rm -rf "$launcher/lock"
    trap - EXIT INT TERM HUP
}

build() {
    # Another process may have built while this one waited for the lock.
    if up_to_date; then
        return 0
    fi
    find_maven
    if [ -r "$launcher/current" ]; then
        say "building Lectern (sources changed, about a minute) …"
    else
        say "building Lectern (first use: 1 to 5 minutes, most of it downloads) …"
    fi
    new=$launcher/build.$$
    rm -rf "$new"
    mkdir -p "$new/spark/jars"
    touch "$new/started"
    commit=$(git -C "$LECTERN_HOME" rev-parse --short HEAD 2>/dev/null) || commit=unknown
    skip_jar=-Dmaven.shade.skip
    [ -z "${needs_jar:-}" ] || skip_jar=
    run_maven "$launcher/build.log" -Dmaven.test.skip=true -Dlectern.commit="$commit" ${skip_jar:+"$skip_jar"} package || {
        grep -E '^\[(ERROR|FATAL)\]|^Error' "$launcher/build.log" | sed '/-> \[Help 1\]/,$d' | head -n 30 >&2 || :
        rm -rf "$new"
        say "lectern: the build failed; all of its output: $launcher/build.log"
        exit "$EXIT_ENGINE"
    }
    path=
    for module in pipeline-jobs inference-udf engine schemas; do
        for jar in "$LECTERN_HOME/$module/target/$module"-*.jar; do
            case $jar in
                *-sources.jar | *-javadoc.jar | *-tests.jar) ;;
                *)
                    cp "$jar" "$new/"
                    path=$path:$new/${jar##*/}
                    ;;
            esac
        done
    done
    [ -z "${needs_jar:-}" ] || cp "$LECTERN_HOME/pipeline-jobs/target/lectern.jar" "$new/"
    class_paths=$LECTERN_HOME/pipeline-jobs/target/class-path
    libraries=$(cat "$class_paths/runtime")
    spark=$(cat "$class_paths/provided")
    # A Spark home of links, for where none is installed: executors that Spark itself starts look for their jars in one.
    old_ifs=$IFS
    IFS=:
    # shellcheck disable=SC2086
    for jar in $spark:$libraries; do
        ln -sf "$jar" "$new/spark/jars/${jar##*/}"
    done
    IFS=$old_ifs
    printf '%s' "${path#:}:$libraries" >"$new/class-path"
    printf '%s' "$spark" >"$new/class-path-spark"
    printf '%s\n' "$new" >"$launcher/current.new"
    mv -f "$launcher/current.new" "$launcher/current"
    # Commands may still run from older builds; the archives, which are large, can go while they are in use.
    find "$launcher" -name '*.jsa' ! -path "$new/*" -exec rm -f {} +
    find "$launcher" -name 'build.*' -type d -prune -mtime +7 ! -path "$new" -exec rm -rf {} +
}

# ensure_built [jar]: sets `build` to the newest build's folder; with `jar` it has lectern.jar.
ensure_built() {
    needs_jar=${1:-}
    up_to_date || with_lock build
    build=$(cat "$launcher/current")
}
