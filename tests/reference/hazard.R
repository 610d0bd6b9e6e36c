# Referees for the crossed-effects hazard: lme4::glmer(nAGQ = 0) and glmmTMB on the same rows.
# Called by tests/reference/run.py:  Rscript hazard.R DATA.csv LINK OUT.json "term + term"
suppressMessages({library(lme4); library(glmmTMB)})
a <- commandArgs(trailingOnly = TRUE)
d <- read.csv(a[1])
f <- as.formula(paste("event ~", a[4], "+ (1|state) + (1|body) + (1|year)"))
seconds <- system.time(g <- glmer(f, d, family = binomial(a[2]), weights = weight, nAGQ = 0L))[["elapsed"]]
v <- as.data.frame(VarCorr(g)); sd <- setNames(v$sdcor, v$grp)
num <- function(x) paste0("[", paste(format(unname(x), digits = 12, trim = TRUE), collapse = ", "), "]")
out <- c(
  sprintf('"joint_beta": %s', num(fixef(g))), sprintf('"joint_sd": %s', num(sd[c("state", "body", "year")])),
  sprintf('"joint_se": %s', num(sqrt(diag(as.matrix(vcov(g)))))),
  sprintf('"joint_deviance": %s', format(getME(g, "devfun")(getME(g, "theta")), digits = 14)),
  sprintf('"joint_seconds": %s', seconds))
seconds <- system.time(m <- glmmTMB(f, d, family = binomial(a[2]), weights = weight))[["elapsed"]]
s <- sapply(VarCorr(m)$cond[c("state", "body", "year")], function(x) attr(x, "stddev"))
out <- c(out,
  sprintf('"laplace_beta": %s', num(fixef(m)$cond)), sprintf('"laplace_sd": %s', num(s)),
  sprintf('"laplace_deviance": %s', format(-2 * as.numeric(logLik(m)), digits = 14)),
  sprintf('"laplace_seconds": %s', seconds),
  sprintf('"versions": {"R": "%s", "lme4": "%s", "glmmTMB": "%s"}', getRversion(), packageVersion("lme4"), packageVersion("glmmTMB")))
writeLines(paste0("{", paste(out, collapse = ",\n "), "}"), a[3])
