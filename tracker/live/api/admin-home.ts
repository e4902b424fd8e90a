/** Requests of admins are taken by one process of a cluster: the one that holds a swarm of this name, which is no hash. */
export const ADMIN_HOME = 'admin'
