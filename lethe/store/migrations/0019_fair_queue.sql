-- The waiting jobs by company, so that whose job is next costs a look for each company that waits, not for each job.
CREATE INDEX job_of_company ON jobs.procrastinate_jobs (queue_name, (args ->> 'company_id'), priority DESC, id)
WHERE status = 'todo';
