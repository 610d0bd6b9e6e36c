# The peer of benchmarks/hazard.py: lme4::glmer(nAGQ = 0) on the rows of a CSV, one thread.
# Rscript hazard.R DATA.csv "term + term"  prints: seconds processor_seconds deviance sd_state sd_body sd_year beta...
suppressMessages(library(lme4))
a <- commandArgs(trailingOnly = TRUE)
d <- read.csv(a[1])
f <- as.formula(paste("event ~", a[2], "+ (1|state) + (1|body) + (1|year)"))
spent <- system.time(g <- suppressWarnings(glmer(f, d, family = binomial("cloglog"), weights = weight, nAGQ = 0L)))
v <- as.data.frame(VarCorr(g)); sd <- setNames(v$sdcor, v$grp)[c("state", "body", "year")]
cat(format(c(spent[["elapsed"]], spent[["user.self"]] + spent[["sys.self"]], getME(g, "devfun")(getME(g, "theta")), sd, fixef(g)), digits = 12, trim = TRUE), "\n")
