/* turn.c - trainings and decisions take all of the machine: one of them at a time, whichever way it was asked for. Tasks (task_runner.c) and jobs
 * (long_work.c) have a thread each; of the two, who waits comes before who has just had its turn. Who is refused looks again soon. */
#include "exchange.h"

bool turn_take(struct server *server, enum turn_of who)
{
    struct turn *turn = &server->turn;
    enum turn_of other = who == TURN_TASKS ? TURN_JOBS : TURN_TASKS;
    pthread_mutex_lock(&server->lock);
    bool is_free = turn->holder == TURN_NONE && !(turn->waits[other] && turn->last == who);
    turn->waits[who] = !is_free;
    if (is_free)
        turn->holder = turn->last = who;
    pthread_mutex_unlock(&server->lock);
    return is_free;
}

void turn_end(struct server *server)
{
    pthread_mutex_lock(&server->lock);
    server->turn.holder = TURN_NONE;
    pthread_mutex_unlock(&server->lock);
}

void turn_waive(struct server *server, enum turn_of who)
{
    pthread_mutex_lock(&server->lock);
    server->turn.waits[who] = false;
    pthread_mutex_unlock(&server->lock);
}

enum turn_of turn_holder(struct server *server)
{
    pthread_mutex_lock(&server->lock);
    enum turn_of holder = server->turn.holder;
    pthread_mutex_unlock(&server->lock);
    return holder;
}
