/*
 * fake_logind: a systemd-logind that knows of nothing but sleep, on the bus that DBUS_SYSTEM_BUS_ADDRESS names.
 *
 * Prints "ready", then "inhibited WHAT WHO MODE" for each inhibitor that it gives, and "released" when its holder has
 * closed it, as logind does: by the other end of a pipe. On standard input, "sleep" and "wake" have it send
 * PrepareForSleep(true) and PrepareForSleep(false); "forge" has somebody else send the last holder the former. It ends
 * with its input.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#define MOST_INHIBITORS 16
#define BUS 0
#define INPUT 1
#define FIRST 2

static const char name[] = "org.freedesktop.login1";
static const char place[] = "/org/freedesktop/login1";
static const char manager[] = "org.freedesktop.login1.Manager";

static struct pollfd waits[FIRST + MOST_INHIBITORS];
static nfds_t count = FIRST;
static char holder[64];

static void check(int result, const char *what)
{
    if (result < 0) {
        fprintf(stderr, "%s: %s\n", what, strerror(-result));
        exit(1);
    }
}

static int inhibit(sd_bus_message *call, void *data, sd_bus_error *error)
{
    (void)data;
    (void)error;
    const char *what, *who, *why, *mode;
    check(sd_bus_message_read(call, "ssss", &what, &who, &why, &mode), "Inhibit");
    int ends[2];
    if (count == FIRST + MOST_INHIBITORS || pipe2(ends, O_CLOEXEC) < 0)
        exit(1);
    printf("inhibited %s %s %s\n", what, who, mode);
    snprintf(holder, sizeof holder, "%s", sd_bus_message_get_sender(call));
    waits[count++] = (struct pollfd){ .fd = ends[0], .events = POLLIN };
    int result = sd_bus_reply_method_return(call, "h", ends[1]);
    close(ends[1]);
    return result;
}

static const sd_bus_vtable methods[] = {
    SD_BUS_VTABLE_START(0),
    SD_BUS_METHOD("Inhibit", "ssss", "h", inhibit, SD_BUS_VTABLE_UNPRIVILEGED),
    SD_BUS_SIGNAL("PrepareForSleep", "b", 0),
    SD_BUS_VTABLE_END,
};

/* The bus lets any of its users send any of the others a signal. */
static void forge(void)
{
    sd_bus *bus;
    sd_bus_message *signal;
    check(sd_bus_open_system(&bus), "bus");
    check(sd_bus_message_new_signal(bus, &signal, place, manager, "PrepareForSleep"), "signal");
    check(sd_bus_message_append(signal, "b", 1), "append");
    check(sd_bus_message_set_destination(signal, holder), "destination");
    check(sd_bus_send(bus, signal, NULL), "send");
    sd_bus_message_unref(signal);
    sd_bus_flush_close_unref(bus);
    puts("forged");
}

static void obey(sd_bus *bus)
{
    char line[16] = "";
    if (fgets(line, sizeof line, stdin) == NULL)
        exit(0);
    if (strcmp(line, "forge\n") == 0) {
        forge();
        return;
    }
    int asleep = strcmp(line, "sleep\n") == 0;
    check(sd_bus_emit_signal(bus, place, manager, "PrepareForSleep", "b", asleep), "PrepareForSleep");
    check(sd_bus_flush(bus), "flush");
}

static void look_at_inhibitors(void)
{
    for (nfds_t i = FIRST; i < count;) {
        if (!(waits[i].revents & POLLHUP)) {
            i++;
            continue;
        }
        puts("released");
        close(waits[i].fd);
        waits[i] = waits[--count];
    }
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    setvbuf(stdin, NULL, _IONBF, 0);
    sd_bus *bus;
    check(sd_bus_open_system(&bus), "bus");
    check(sd_bus_add_object_vtable(bus, NULL, place, manager, methods, NULL), "object");
    check(sd_bus_request_name(bus, name, 0), "name");
    puts("ready");
    waits[BUS] = (struct pollfd){ .fd = sd_bus_get_fd(bus), .events = POLLIN };
    waits[INPUT] = (struct pollfd){ .fd = STDIN_FILENO, .events = POLLIN };
    for (;;) {
        int result;
        while ((result = sd_bus_process(bus, NULL)) > 0)
            ;
        check(result, "bus");
        check(sd_bus_flush(bus), "flush");
        poll(waits, count, -1);
        look_at_inhibitors();
        if (waits[INPUT].revents)
            obey(bus);
    }
}
