#!/usr/bin/env bash
# Becomes systemd on a machine of its own: this machine's files below an overlay, its own processes,
# network and time since it started. Its eth0 leads to a second network, `cloud`, which has the
# metadata server's address.
#   init.sh NAME IMAGE
# IMAGE is a folder that is copied over the overlay. The overlay's upper layer stays visible at
# /.outside/upper.
set -euo pipefail
name=$1 image=$2

if [[ -e /sys/fs/cgroup/cgroup.controllers ]]; then
  hierarchy=/sys/fs/cgroup
  mount_cgroup='mount -t cgroup2 cgroup /sys/fs/cgroup'
else
  hierarchy=/sys/fs/cgroup/systemd
  mount_cgroup='mount -t tmpfs tmpfs /sys/fs/cgroup && mkdir /sys/fs/cgroup/systemd &&
    mount -t cgroup -o none,name=systemd,xattr cgroup /sys/fs/cgroup/systemd'
fi
mkdir "$hierarchy/$name"
echo $$ >"$hierarchy/$name/cgroup.procs"

# The machine has just started, whenever this one did.
uptime=$(cut -d. -f1 /proc/uptime)

export name image mount_cgroup
# shellcheck disable=SC2016 # the inner shell expands it
exec unshare --mount --net --pid --uts --ipc --cgroup --fork --kill-child --propagation private \
  --time --monotonic "-$uptime" --boottime "-$uptime" bash -c '
    set -euo pipefail
    hostname "$name"
    mount -t tmpfs tmpfs /mnt
    mkdir /mnt/upper /mnt/work /mnt/root
    mount -t overlay overlay -o lowerdir=/,upperdir=/mnt/upper,workdir=/mnt/work /mnt/root
    cp --archive "$image/." /mnt/root/
    mount -t proc proc /mnt/root/proc
    mount --rbind -o ro /sys /mnt/root/sys
    # A /dev of its own: what is made in it must not appear on this machine.
    mount -t tmpfs tmpfs /mnt/root/dev
    mkdir /mnt/root/dev/pts /mnt/root/dev/shm /mnt/root/dev/mqueue /mnt/root/dev/hugepages
    for node in ptmx null zero full random urandom tty loop-control loop{0..7}; do
      if [[ -e /dev/$node ]]; then
        touch "/mnt/root/dev/$node"
        mount --bind "/dev/$node" "/mnt/root/dev/$node"
      fi
    done
    mkdir -p /mnt/root/.outside
    cd /mnt/root
    pivot_root . mnt
    mount --move /mnt/mnt /.outside
    umount --lazy /mnt
    mount -t tmpfs tmpfs /run
    mount -t tmpfs -o mode=1777 tmpfs /tmp
    rm -rf /var/log/journal

    ip netns add cloud
    ip link add eth0 type veth peer name inside netns cloud
    ip -n cloud address add 192.0.2.1/24 dev inside
    ip -n cloud address add 169.254.169.254/32 dev lo
    ip -n cloud link set lo up
    ip -n cloud link set inside up
    ip -n cloud route add default via 192.0.2.2
    ip address add 192.0.2.2/24 dev eth0
    ip link set lo up
    ip link set eth0 up
    ip route add default via 192.0.2.1

    eval "$mount_cgroup"
    container=test exec /lib/systemd/systemd --system --unit=vm.target --show-status=0
  '
