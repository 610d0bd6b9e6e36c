// The law of `simulate/kernel.py`, dense: every pair of every world draws one number a year. One block of threads a world.
//
// Addresses of random numbers are those of `simulate/addressed.py`, and those of pairs are the ones that the engine gives a
// pair that it draws by itself; so with the engine made to draw all pairs one by one, both must tell the same events.
// A pair whose number lies above a bound of its rate has no event; only the others are computed, in single precision.
// No scenario acts here. Sizes come from the compiler: N states in W words of 32 bits, START bodies of the start and BIRTHS
// places for those to come, LONGEST lag, ROWS of measures, YEARS, OPENING year, OLDEST year of a membership's beginning.
#ifdef ON_CPU  // one thread a block, to be tested where there is no GPU
#include <cmath>
#include <cstdint>
#include <cstring>
struct Place { int x; };
static Place blockIdx, gridDim, threadIdx;
static Place blockDim = {1};
#define __global__
#define __device__ static inline
#define __shared__ static
#define __syncthreads()
#define __syncwarp()
#define LANES 1
#define __launch_bounds__(threads, blocks)
template <class T> static T atomicAdd(T *p, T v) { T old = *p; *p += v; return old; }
static void atomicAnd(unsigned *p, unsigned v) { *p &= v; }
static void atomicOr(unsigned *p, unsigned v) { *p |= v; }
static int __popc(unsigned v) { return __builtin_popcount(v); }
static int __shfl_xor_sync(unsigned, int v, int) { return v; }
#define isunknown(x) std::isnan(x)
#else
#define LANES 32
#ifndef INFINITY
#define INFINITY __int_as_float(0x7f800000)
#endif
#ifndef NAN
#define NAN __int_as_float(0x7fffffff)
#endif
#define isunknown(x) isnan(x)
#endif

typedef unsigned long long u64;
typedef unsigned int u32;
#define M (START + BIRTHS)
#define RING (LONGEST + 3)
#define FLOATS (2 * ROWS * N + 2 * ROWS + 2 * N + 2 * M + 2 * YEARS + 30 + 15 + 4 + 4 + 1)
#define INTS (1 + BIRTHS * (1 + W))
#define FLOOR 1e-6f
#define QUANTUM 3.814697265625e-06f
#define GOLDEN 0x9E3779B97F4A7C15ull
#define LARGER(a, b) ((b) > (a) ? (b) : (a))
enum { DISTANCE, CAPABILITY, PRODUCT, CHANGE, FROM_BODY, OWN, TENURE, SIZE, AGE, MEMBERSHIPS };
enum { J_DISTANCE, J_CONNECTION, J_SIZE, J_JOINS, J_AGE };
enum { STATE = 2, BODY = 4, PAIR = 6, END = 10 };

__device__ u64 mix(u64 z) {
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
    return z ^ (z >> 31);
}
__device__ u64 onward(u64 z, u64 part) { return mix((z + GOLDEN) ^ mix(part + 0xBF58476D1CE4E5B9ull)); }
__device__ u64 address(u64 seed, u64 world, u64 year, u64 kind) {
    return onward(onward(onward(mix(seed + GOLDEN), world), year), kind);
}
__device__ u64 within(u64 key, u64 one, u64 two) { return onward(onward(key, one), two); }
__device__ double uniform(u64 key, u64 place) {
    return ((double)(mix(key + GOLDEN * (place + 1)) >> 11) + 0.5) * 0x1p-53;
}
__device__ double quantile(double u) {  // standard normal: Wichura (1988), AS 241
    double q = u - 0.5;
    if (fabs(q) <= 0.425) {
        double x = 0.180625 - q * q;
        return q * (((((((2.5090809287301226727e3 * x + 3.3430575583588128105e4) * x + 6.7265770927008700853e4) * x
            + 4.5921953931549871457e4) * x + 1.3731693765509461125e4) * x + 1.9715909503065514427e3) * x
            + 1.3314166789178437745e2) * x + 3.3871328727963666080e0)
            / (((((((5.2264952788528545610e3 * x + 2.8729085735721942674e4) * x + 3.9307895800092710610e4) * x
            + 2.1213794301586595867e4) * x + 5.3941960214247511077e3) * x + 6.8718700749205790830e2) * x
            + 4.2313330701600911252e1) * x + 1.0);
    }
    double r = sqrt(-log(q < 0.0 ? u : 1.0 - u)), out;
    if (r <= 5.0) {
        double x = r - 1.6;
        out = (((((((7.74545014278341407640e-4 * x + 2.27238449892691845833e-2) * x + 2.41780725177450611770e-1) * x
            + 1.27045825245236838258e0) * x + 3.64784832476320460504e0) * x + 5.76949722146069140550e0) * x
            + 4.63033784615654529590e0) * x + 1.42343711074968357734e0)
            / (((((((1.05075007164441684324e-9 * x + 5.47593808499534494600e-4) * x + 1.51986665636164571966e-2) * x
            + 1.48103976427480074590e-1) * x + 6.89767334985100004550e-1) * x + 1.67638483018380384940e0) * x
            + 2.05319162663775882187e0) * x + 1.0);
    } else {
        double x = r - 5.0;
        out = (((((((2.01033439929228813265e-7 * x + 2.71155556874348757815e-5) * x + 1.24266094738807843860e-3) * x
            + 2.65321895265761230930e-2) * x + 2.96560571828504891230e-1) * x + 1.78482653991729133580e0) * x
            + 5.46378491116411436990e0) * x + 6.65790464350110377720e0)
            / (((((((2.04426310338993978564e-15 * x + 1.42151175831644588870e-7) * x + 1.84631831751005468180e-5) * x
            + 7.86869131145613259100e-4) * x + 1.48753612908506148525e-2) * x + 1.36929880922735805310e-1) * x
            + 5.99832206555887937690e-1) * x + 1.0);
    }
    return q < 0.0 ? -out : out;
}
__device__ float log_gamma_variate(u64 key, double variance) {  // of mean one: Marsaglia and Tsang (2000)
    if (variance <= 0.0) return 0.0f;
    double shape = 1.0 / variance, boost = 0.0;
    u64 place = 0;
    if (shape < 1.0) { boost = log(uniform(key, 0)) * variance; shape += 1.0; place = 1; }
    double d = shape - 1.0 / 3.0, c = 1.0 / sqrt(9.0 * d);
    for (;;) {
        double x = quantile(uniform(key, place)), u = uniform(key, place + 1), v = 1.0 + c * x;
        place += 2;
        v = v * v * v;
        if (v > 0.0 && (u < 1.0 - 0.0331 * x * x * x * x || log(u) < 0.5 * x * x + d - d * v + d * log(v)))
            return (float)(log(d * v * variance) + boost);
    }
}
__device__ float standard(float x, const float *slope) { return isunknown(x) ? 0.0f : (x - slope[1]) / slope[2]; }
__device__ float part(float x, const float *slope) { return slope[0] * standard(x, slope); }
__device__ float ends(float high, const float *slope) { return fmaxf(part(0.0f, slope), part(high, slope)); }
__device__ float farthest(float own, float low, float high) {
    return isunknown(own) ? 0.0f : fmaxf(own - low, high - own);
}
__device__ bool has(const u32 *row, int i) { return (row[i >> 5] >> (i & 31)) & 1u; }
__device__ int summed(int x) {
    for (int o = LANES / 2; o; o >>= 1) x += __shfl_xor_sync(0xffffffffu, x, o);
    return x;
}
__device__ int three(const int *ring, int row, int width) {  // the year of a row and the two before, from the first row of a ring on
    return ring[(row & 7) * width] + ring[((row + 1) & 7) * width] + ring[((row + 2) & 7) * width];
}
__device__ float distance(float own, float number, float total, bool inside) {
    if (isunknown(own)) return own;
    if (inside) { number -= 1.0f; total -= own; }
    return number > 0.0f ? fabsf(own - total / number) : NAN;
}
__device__ bool below(u64 x, float eta) {  // whether a pair's number brings the event at a log rate
    float v = ((float)(~x >> 11) + 0.5f) * 0x1p-53f;
    return -log1pf(-v) < expf(fminf(eta, 80.0f));
}

struct Room {  // what one world needs beside shared memory
    u32 member[RING][M][W], gone_bits[RING][M][W], open[M][W], back[M][W];
    short since[M][N], left_in[M][N];
    int left[8][M], joined[8][M], gone[8][N], bodies[RING][N], count[2];
    float size[RING][M], number[RING][M], total[RING][M];
    float capability[ROWS][N], change[RING][N], own_part[RING][N], bound[RING][N];
    float exit_log[M], join_log[M], near_eta[M * N];
    u32 exit_list[M * N], join_list[M * N], near_list[M * N], event[M * N];
};
struct Opening {  // what all worlds open with
    u32 member[LONGEST + 1][START][W], gone_bits[LONGEST + 2][START][W], open[START][W], back[START][W];
    int left[LONGEST + 2][START], joined[LONGEST + 2][START], gone[LONGEST + 2][N], bodies[LONGEST][N];
    int founded[START], lag[START];
    float size[LONGEST][START], number[LONGEST][START], total[LONGEST][START], log_before[ROWS][N];
    short since[START][N], left_in[START][N];
};
struct Totals {  // over all worlds
    int exits_of_body[M], joins_of_body[M], deaths[YEARS][START], first[3][START][N];
    u64 exit_candidates, join_candidates;
};

extern "C" __global__ void sizes(u64 *out) {
    out[0] = sizeof(Opening);
    out[1] = sizeof(Totals);
    out[2] = sizeof(Room);
}
extern "C" __global__ void __launch_bounds__(THREADS, BLOCKS) play(const Opening *o, const float *floats, const int *ints, Room *rooms, Totals *totals,
    unsigned short *counts, int worlds, int distinct, u64 seed, u64 first_world, double exit_state_variance,
    double exit_body_variance, double join_state_variance, double join_body_variance) {
    // counts: (worlds, YEARS, 3 N + 2): exits, joins and memberships at the end by state; bodies ended and founded.
    __shared__ float exit_limit[N], join_limit[N], exit_plain[N], join_plain[N], linked[N], exit_reach[M], join_reach[M];
    __shared__ int whole[N], joins_of[N], holds[N], own[N], exits_listed, joins_listed, near_listed, events, ended;
    __shared__ unsigned char alive[M], known[N];
    const int me = threadIdx.x, all = blockDim.x, lane = me % LANES, warp = me / LANES, warps = all / LANES;
    Room *r = rooms + blockIdx.x;
    for (int world = blockIdx.x; world < worlds; world += gridDim.x) {
        const float *position = floats + (size_t)(world % distinct) * FLOATS, *share = position + ROWS * N;
        const float *extent = share + ROWS * N, *exit_state = extent + 2 * ROWS;
        const float *join_state = exit_state + N, *exit_body = join_state + N, *join_body = exit_body + M;
        const float *exit_years = join_body + M, *join_years = exit_years + YEARS;
        const float *e = join_years + YEARS, *q = e + 30, *death = q + 15, *ratios = death + 4;
        const float response = ratios[4];
        const int *birth = ints + (size_t)(world % distinct) * INTS + 1, bodies = START + birth[-1];
        const u32 *founders = (const u32 *)(birth + BIRTHS);
        const u64 name = first_world + world;
        const float stretch = expf(fmaxf(0.0f, fmaxf(fmaxf(ratios[0], ratios[1]), fmaxf(ratios[2], ratios[3]))));
        __syncthreads();
        for (int k = me; k < START * W; k += all) {
            const int j = k / W, w = k % W;
            for (int h = 0; h <= LONGEST; h++) r->member[h][j][w] = o->member[h][j][w];
            for (int h = 0; h < LONGEST + 2; h++) r->gone_bits[h][j][w] = o->gone_bits[h][j][w];
            r->open[j][w] = o->open[j][w];
            r->back[j][w] = o->back[j][w];
        }
        for (int k = me; k < START * N; k += all) {
            const int j = k / N, i = k % N;
            r->since[j][i] = o->since[j][i];
            r->left_in[j][i] = o->left_in[j][i];
        }
        for (int j = me; j < M; j += all) alive[j] = j < START;
        for (int j = me; j < START; j += all)
            for (int h = 0; h < LONGEST + 2; h++) {
                r->left[h][j] = o->left[h][j];
                r->joined[h][j] = o->joined[h][j];
                r->joined[LONGEST + 2][j] = 0;  // joins of the opening year are not known
                if (h >= LONGEST) continue;
                r->size[h][j] = o->size[h][j];
                r->number[h][j] = o->number[h][j];
                r->total[h][j] = o->total[h][j];
            }
        for (int i = me; i < N; i += all) {
            for (int h = 0; h < LONGEST + 2; h++) r->gone[h][i] = o->gone[h][i];
            for (int h = 0; h < LONGEST; h++) r->bodies[h][i] = o->bodies[h][i];
            own[i] = holds[i] = 0;
            for (int j = 0; j < START; j++) holds[i] += has(o->member[LONGEST][j], i);
        }
        int upto = START;
        for (int h = 0; h < LONGEST + YEARS; h++) {
            const int step = h - LONGEST, year = OPENING + step, at = h % RING, after = (h + 1) % RING;
            const int out = (h + 2) % RING, c1 = (h - 1 + RING) % RING;
            __syncthreads();
            // Capability answers to the state's own exits of the years before; the row before gets its part of the log rate.
            for (int i = me; i < N; i += all) {
                if (step > 0) own[i] += r->gone[(h + 1) & 7][i];
                const float x = logf(LARGER(share[h * N + i], FLOOR)) + response * own[i];
                r->capability[h][i] = LARGER(x, logf(FLOOR));
                r->change[at][i] = r->capability[h][i] - (h - 10 < LONGEST ? o->log_before[h][i] : r->capability[h - 10][i]);
                if (step >= 0) r->gone[(h + 2) & 7][i] = joins_of[i] = 0;
            }
            const int first = upto;
            while (step >= 0 && upto < bodies && birth[upto - START] <= step) upto++;
            if (step >= 0) {
                for (int j = me; j < upto; j += all) r->left[(h + 2) & 7][j] = r->joined[(h + 3) & 7][j] = 0;
                for (int j = first + me; j < upto; j += all) {
                    alive[j] = 1;
                    for (int k = 0; k < 8; k++) r->left[k][j] = r->joined[k][j] = 0;
                    for (int k = 0; k < RING; k++) {
                        r->size[k][j] = r->number[k][j] = r->total[k][j] = 0.0f;
                        for (int w = 0; w < W; w++) r->member[k][j][w] = r->gone_bits[k][j][w] = 0;
                    }
                    for (int w = 0; w < W; w++) {
                        const u32 in = founders[(j - START) * W + w];
                        const u32 states = 32 * w + 32 <= N ? ~0u : 32 * w < N ? (1u << (N % 32)) - 1u : 0u;
                        r->member[at][j][w] = in;
                        r->open[j][w] = states & ~in;
                        r->back[j][w] = 0;
                        for (int i = 32 * w; i < N && i < 32 * w + 32; i++)
                            if (has(founders + (j - START) * W, i)) {
                                r->since[j][i] = year - 1;
                                atomicAdd(&holds[i], 1);
                            }
                    }
                }
                for (int i = me; i < N; i += all) {
                    const float x = position[h * N + i];
                    known[i] = !isunknown(x);
                    whole[i] = known[i] ? (int)rintf(x / QUANTUM) : 0;
                }
            }
            if (me == 0) exits_listed = joins_listed = near_listed = events = ended = 0;
            __syncthreads();
            if (h > 0)
                for (int i = me; i < N; i += all) {
                    const float capability = r->capability[h - 1][i];
                    const float steep = e[3 * DISTANCE] + e[3 * PRODUCT] * standard(capability, e + 3 * CAPABILITY);
                    const float far = standard(farthest(position[(h - 1) * N + i], extent[2 * h - 2], extent[2 * h - 1]), e);
                    const float mine = part(capability, e + 3 * CAPABILITY) + part(r->change[c1][i], e + 3 * CHANGE)
                        + part(log1pf((float)r->bodies[c1][i]), e + 3 * MEMBERSHIPS);
                    r->own_part[c1][i] = mine;
                    r->bound[c1][i] = mine + fmaxf(0.0f, fmaxf(steep * standard(0.0f, e), steep * far))
                        + ends(log1pf((float)three(&r->gone[0][i], h - 1, N)), e + 3 * OWN);
                }
            if (step < 0) continue;
            for (int i = me; i < N; i += all) r->bodies[at][i] = holds[i];
            for (int j = warp; j < upto; j += warps) {  // members, those of known position, and the sum of their positions
                int members = 0, number = 0, total = 0;
                for (int i = lane; i < N; i += LANES)
                    if (has(r->member[at][j], i)) { members++; number += known[i]; total += whole[i]; }
                members = summed(members);
                number = summed(number);
                total = summed(total);
                r->size[at][j] = members;
                r->number[at][j] = number;
                r->total[at][j] = QUANTUM * total;
            }
            for (int k = me; k < upto * W; k += all) {
                r->member[after][k / W][k % W] = r->member[at][k / W][k % W];
                r->gone_bits[out][k / W][k % W] = 0;
            }
            __syncthreads();
            // Bodies: ends, and what a year, its frailty and the past of the body give its pairs.
            const u64 end_key = within(address(seed, name, year, END), 0, 0);
            const u64 body_exit = address(seed, name, year, BODY), body_join = address(seed, name, year, BODY + 1);
            for (int j = me; j < upto; j += all) {
                const int founded = j < START ? o->founded[j] : OPENING + birth[j - START];
                if (alive[j]) {
                    const int joined = three(&r->joined[0][j], h, M), left = three(&r->left[0][j], h - 1, M);
                    const float hazard = expf(death[0] + death[1] * log1pf(r->size[at][j])
                        + death[2] * log1pf((float)LARGER(year - founded + 1, 0))
                        + death[3] * (log1pf((float)joined) - log1pf((float)left)));
                    if (uniform(end_key, j) < -expm1f(-hazard)) {
                        alive[j] = 0;
                        atomicAdd(&ended, 1);
                        if (j < START) atomicAdd(&totals->deaths[step][j], 1);
                        for (int i = 0; i < N; i++)
                            if (has(r->member[at][j], i)) atomicAdd(&holds[i], -1);
                        for (int w = 0; w < W; w++) r->member[after][j][w] = r->open[j][w] = r->back[j][w] = 0;
                    }
                }
                exit_reach[j] = join_reach[j] = 0.0f;
                if (!alive[j]) continue;
                int back = j < START ? o->lag[j] : 1, c = (h - back + RING) % RING;
                float x = exit_body[j] + part(log1pf(r->size[c][j]), e + 3 * SIZE)
                    + part(log1pf((float)LARGER(year - back - founded + 1, 0)), e + 3 * AGE)
                    + log_gamma_variate(within(body_exit, 0, j), exit_body_variance);
                r->exit_log[j] = x;
                exit_reach[j] = expf(x + ends(log1pf((float)three(&r->left[0][j], h - back, M)), e + 3 * FROM_BODY));
                x = join_body[j] + part(log1pf(r->size[c1][j]), q + 3 * J_SIZE)
                    + part(log1pf((float)three(&r->joined[0][j], h - 1, M)), q + 3 * J_JOINS)
                    + part(log1pf((float)LARGER(year - founded, 0)), q + 3 * J_AGE)
                    + log_gamma_variate(within(body_join, 0, j), join_body_variance);
                r->join_log[j] = x;
                join_reach[j] = expf(x);
            }
            const u64 state_exit = address(seed, name, year, STATE), state_join = address(seed, name, year, STATE + 1);
            const float tenure = ends(logf((float)LARGER(year - OLDEST, 1)), e + 3 * TENURE);
            for (int i = me; i < N; i += all) {
                float bound = -INFINITY;
                for (int back = 1; back <= LONGEST; back++) bound = fmaxf(bound, r->bound[(h - back) % RING][i]);
                exit_plain[i] = exit_state[i] + exit_years[step]
                    + log_gamma_variate(within(state_exit, i, 0), exit_state_variance);
                exit_limit[i] = expf(fminf(exit_plain[i] + bound + tenure, 80.0f)) * 1.00001f;
                join_plain[i] = join_state[i] + join_years[step]
                    + log_gamma_variate(within(state_join, i, 0), join_state_variance);
                // No two states share more bodies than either has.
                linked[i] = ends(log1pf((float)r->bodies[c1][i]), q + 3 * J_CONNECTION);
                const float far = farthest(position[(h - 1) * N + i], extent[2 * h - 2], extent[2 * h - 1]);
                join_limit[i] = expf(fminf(join_plain[i] + linked[i] + fmaxf(0.0f, ends(far, q)), 80.0f)) * 1.00001f;
            }
            __syncthreads();
            // Pairs: one number each. A member may leave, an outsider may join; nobody can do both.
            const u64 pair_exit = address(seed, name, year, PAIR), pair_join = address(seed, name, year, PAIR + 1);
            for (int j = warp; j < upto; j += warps) {
                if (!alive[j]) continue;
                const u64 exit_key = within(pair_exit, 0, j), join_key = within(pair_join, 0, j);
                const float exit_at = exit_reach[j], join_at = join_reach[j];
                for (int i = lane; i < N; i += LANES) {
                    const bool in = has(r->member[after][j], i), back = has(r->back[j], i);
                    if (!in && !back && !has(r->open[j], i)) continue;
                    const u64 x = mix((in ? exit_key : join_key) + GOLDEN * (u64)(i + 1));
                    const float most = in ? exit_at * exit_limit[i] : join_at * join_limit[i] * (back ? stretch : 1.0f);
                    if ((float)(u32)(~x >> 32) * 0x1p-32f <= most) {
                        if (in) r->exit_list[atomicAdd(&exits_listed, 1)] = j << 8 | i;
                        else r->join_list[atomicAdd(&joins_listed, 1)] = j << 8 | i;
                    }
                }
            }
            __syncthreads();
            for (int k = me; k < exits_listed; k += all) {
                const u32 pair = r->exit_list[k];
                const int j = pair >> 8, i = pair & 255, back = j < START ? o->lag[j] : 1, row = h - back, c = row % RING;
                const float away = distance(position[row * N + i], r->number[c][j], r->total[c][j], has(r->member[c][j], i));
                const float far = standard(away, e);
                int same = 0;
                for (int k3 = row; k3 < row + 3; k3++) same += has(r->gone_bits[k3 % RING][j], i);
                const float eta = exit_plain[i] + r->exit_log[j] + r->own_part[c][i] + e[0] * far
                    + e[3 * PRODUCT] * far * standard(r->capability[row][i], e + 3 * CAPABILITY)
                    + part(log1pf((float)LARGER(three(&r->left[0][j], row, M) - same, 0)), e + 3 * FROM_BODY)
                    + part(log1pf((float)LARGER(three(&r->gone[0][i], row, N) - same, 0)), e + 3 * OWN)
                    + part(logf((float)LARGER(year - r->since[j][i], 1)), e + 3 * TENURE);
                if (below(mix(within(pair_exit, 0, j) + GOLDEN * (u64)(i + 1)), eta))
                    r->event[atomicAdd(&events, 1)] = pair;
            }
            for (int k = me; k < joins_listed; k += all) {
                const u32 pair = r->join_list[k];
                const int j = pair >> 8, i = pair & 255;
                float eta = join_plain[i] + r->join_log[j] + part(distance(position[(h - 1) * N + i], r->number[c1][j],
                    r->total[c1][j], has(r->member[c1][j], i)), q);
                if (has(r->back[j], i)) {
                    const int ago = year - r->left_in[j][i];
                    eta += ratios[ago <= 2 ? 0 : ago <= 5 ? 1 : ago <= 10 ? 2 : 3];
                }
                if (!below(mix(within(pair_join, 0, j) + GOLDEN * (u64)(i + 1)), eta + linked[i])) continue;
                const int place = atomicAdd(&near_listed, 1);
                r->near_list[place] = pair;
                r->near_eta[place] = eta;
            }
            __syncthreads();
            for (int k = warp; k < near_listed; k += warps) {
                const u32 pair = r->near_list[k];
                const int j = pair >> 8, i = pair & 255;
                const u32 *members = r->member[c1][j];
                const bool was_in = has(members, i);
                const u64 x = mix(within(pair_join, 0, j) + GOLDEN * (u64)(i + 1));
                const float eta = r->near_eta[k];
                int total = 0;  // members that each body of the state has in common with this one
                for (int b = lane; b < upto; b += LANES)
                    if (has(r->member[c1][b], i))
                        for (int w = 0; w < W; w++) total += __popc(r->member[c1][b][w] & members[w]);
                total = summed(total);
                float others = r->size[c1][j], mean = total;
                if (was_in) { others -= 1.0f; mean -= r->bodies[c1][i] + others; }
                mean = others > 0.0f ? mean / others : 0.0f;
                if (lane == 0 && below(x, eta + part(log1pf(mean), q + 3 * J_CONNECTION)))
                    r->event[atomicAdd(&events, 1)] = 1u << 31 | pair;
            }
            __syncthreads();
            for (int k = me; k < events; k += all) {
                const u32 pair = r->event[k] & ~(1u << 31), bit = 1u << (pair & 31);
                const int j = pair >> 8, i = pair & 255, w = i >> 5;
                if (r->event[k] >> 31) {
                    atomicAnd(&r->open[j][w], ~bit);
                    atomicAnd(&r->back[j][w], ~bit);
                    atomicOr(&r->member[after][j][w], bit);
                    r->since[j][i] = year;
                    atomicAdd(&r->joined[(h + 3) & 7][j], 1);
                    atomicAdd(&joins_of[i], 1);
                    atomicAdd(&holds[i], 1);
                    atomicAdd(&totals->joins_of_body[j], 1);
                } else {
                    if (j < START && step < 5 && r->left_in[j][i] < OPENING)
                        for (int k3 = 0; k3 < 3; k3++)
                            if (step < 1 + 2 * k3) atomicAdd(&totals->first[k3][j][i], 1);
                    atomicAnd(&r->member[after][j][w], ~bit);
                    atomicOr(&r->gone_bits[out][j][w], bit);
                    atomicOr(&r->back[j][w], bit);
                    r->left_in[j][i] = year;
                    atomicAdd(&r->left[(h + 2) & 7][j], 1);
                    atomicAdd(&r->gone[(h + 2) & 7][i], 1);
                    atomicAdd(&holds[i], -1);
                    atomicAdd(&totals->exits_of_body[j], 1);
                }
            }
            __syncthreads();
            unsigned short *count = counts + ((size_t)world * YEARS + step) * (3 * N + 2);
            for (int i = me; i < N; i += all) {
                count[i] = r->gone[(h + 2) & 7][i];
                count[N + i] = joins_of[i];
                count[2 * N + i] = holds[i];
            }
            if (me == 0) {
                count[3 * N] = ended;
                count[3 * N + 1] = upto - first;
                atomicAdd(&totals->exit_candidates, (u64)exits_listed);
                atomicAdd(&totals->join_candidates, (u64)joins_listed);
            }
        }
    }
}

#ifdef ON_CPU
extern "C" void single(const Opening *o, const float *floats, const int *ints, Room *room, Totals *totals,
    unsigned short *counts, int worlds, int distinct, u64 seed, u64 first, double a, double b, double c, double d) {
    gridDim.x = 1;
    play(o, floats, ints, room, totals, counts, worlds, distinct, seed, first, a, b, c, d);
}
#endif
